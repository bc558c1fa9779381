//! The members of a JSON object in their order, each as the text it came in. It
//! must not know what they mean.

use std::fmt;

use progenitor_client::Json;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A list, since objects here are small and a map takes long to compile.
#[derive(Clone, Debug, Default)]
pub(super) struct Members(pub(super) Vec<(String, Json)>);

impl Members {
    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Takes a member out.
    pub(super) fn remove(&mut self, name: &str) -> Option<Json> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members, M::Error> {
                let mut members = Members::default();
                while let Some(member) = map.next_entry()? {
                    members.0.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Read)
    }
}
