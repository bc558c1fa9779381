//! The Digital Twins client as a subject of the contract tests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, from_value, to_value};
use twinkit_digital_twins::{CallOptions, Client, Component, MetadataEntry, Relationship, Twin};

use crate::contract::{Subject, TOKEN};
use crate::generated::{Answer, Failure, Values, digital_twins};
use crate::spec::Open;
use crate::support::token;

/// The Digital Twins client.
#[derive(Debug, Default)]
pub struct DigitalTwins {
    /// The client of the service that was called last. To make one takes longer
    /// than to call it.
    last: Mutex<Option<(String, Client)>>,
}

impl DigitalTwins {
    fn client(&self, endpoint: &str) -> Result<Client, Failure> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = last.as_ref().filter(|(known, _)| known == endpoint) {
            return Ok(client.clone());
        }
        let client = Client::builder(endpoint, token::fixed(TOKEN)).build()?;
        *last = Some((endpoint.to_owned(), client.clone()));
        Ok(client)
    }
}

impl Subject for DigitalTwins {
    fn operations(&self) -> &'static [&'static str] {
        digital_twins::OPERATIONS
    }

    async fn call(
        &self,
        endpoint: &str,
        operation: &str,
        values: &Values,
        headers: &[(String, String)],
    ) -> Result<Answer, Failure> {
        let mut options = CallOptions::new().no_retry();
        for (name, value) in headers {
            options = options.header(name.as_str(), value.as_str());
        }
        let client = self.client(endpoint)?.with_options(options);
        digital_twins::call(&client, operation, values).await
    }

    fn document(&self, operation: &str, open: Open) -> Option<serde_json::Result<Value>> {
        Some(match operation {
            "get_twin" | "put_twin" => twin(open),
            "get_relationship" | "put_relationship" => relationship(open),
            "get_component" => component(open),
            _ => return None,
        })
    }
}

fn twin(open: Open) -> serde_json::Result<Value> {
    let mut twin: Twin = from_value(open.declared)?;
    forget_unknown(&mut twin.metadata.properties);
    to_value(Twin { properties: open.others, ..twin })
}

fn relationship(open: Open) -> serde_json::Result<Value> {
    let relationship: Relationship = from_value(open.declared)?;
    to_value(Relationship { properties: open.others, ..relationship })
}

fn component(open: Open) -> serde_json::Result<Value> {
    let component: Component = from_value(open.declared)?;
    to_value(Component { properties: open.others, ..component })
}

/// The types keep what they do not know; here only that counts which they have.
fn forget_unknown(entries: &mut BTreeMap<String, MetadataEntry>) {
    entries.retain(|_, entry| match entry {
        MetadataEntry::Property(property) => {
            property.other.clear();
            true
        }
        _ => false,
    });
}
