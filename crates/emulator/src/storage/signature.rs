//! Shared access signatures of one service, made and checked with the account
//! key (the vendor's "create a service SAS", versions from 2020-12-06 on).

use std::{collections::HashMap, fmt, time::Duration};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use url::form_urlencoded;

use super::{ACCOUNT, Storage, blobs::BlobName, error::StorageError};

/// The version that our own signatures name.
const VERSION: &str = "2022-11-02";
/// The oldest version whose text to be signed has the fields below.
const OLDEST_VERSION: &str = "2020-12-06";

/// What a signed URL permits, as the letters of `sp` in the vendor's order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    read: bool,
    add: bool,
    create: bool,
    write: bool,
    delete: bool,
    list: bool,
}

impl Permissions {
    /// Reading only.
    #[must_use]
    pub fn read() -> Self {
        Self { read: true, ..Self::default() }
    }

    /// Everything that uploads need: add, create, write.
    #[must_use]
    pub fn write() -> Self {
        Self { add: true, create: true, write: true, ..Self::default() }
    }

    /// Reading, writing and deleting.
    #[must_use]
    pub fn all() -> Self {
        Self { read: true, delete: true, ..Self::write() }
    }

    /// The same, and listing the blobs of a container.
    #[must_use]
    pub fn and_list(self) -> Self {
        Self { list: true, ..self }
    }

    /// From the letters of `sp`; letters for other rights are passed over.
    #[must_use]
    pub fn from_letters(letters: &str) -> Self {
        Self {
            read: letters.contains('r'),
            add: letters.contains('a'),
            create: letters.contains('c'),
            write: letters.contains('w'),
            delete: letters.contains('d'),
            list: letters.contains('l'),
        }
    }

    pub(super) fn may_list(self) -> bool {
        self.list
    }

    pub(super) fn may(self, need: Need) -> bool {
        match need {
            Need::Read => self.read,
            Need::Append => self.add || self.write,
            Need::Create => self.create || self.write,
            Need::Write => self.write,
            Need::Delete => self.delete,
        }
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = [
            (self.read, 'r'),
            (self.add, 'a'),
            (self.create, 'c'),
            (self.write, 'w'),
            (self.delete, 'd'),
            (self.list, 'l'),
        ];
        letters
            .into_iter()
            .filter(|(held, _)| *held)
            .try_for_each(|(_, letter)| write!(formatter, "{letter}"))
    }
}

/// The right that a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Read,
    Append,
    /// A blob that is not there yet.
    Create,
    /// Over a blob that is there.
    Write,
    Delete,
}

/// The fields of a signed URL's query string, decoded.
struct Fields(HashMap<String, String>);

impl Fields {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The text to be signed: sixteen lines, empty where a field is absent.
    fn text(&self, resource: &str) -> String {
        [
            self.get("sp"),
            self.get("st"),
            self.get("se"),
            resource,
            self.get("si"),
            self.get("sip"),
            self.get("spr"),
            self.get("sv"),
            self.get("sr"),
            self.get("snapshot"),
            self.get("ses"),
            self.get("rscc"),
            self.get("rscd"),
            self.get("rsce"),
            self.get("rscl"),
            self.get("rsct"),
        ]
        .join("\n")
    }
}

impl Storage {
    pub(super) fn sign(
        &self,
        container: &str,
        blob: Option<&str>,
        permissions: Permissions,
        lifetime: Duration,
    ) -> String {
        let now = self.inner.clock.now();
        let lifetime = SignedDuration::try_from(lifetime).unwrap_or(SignedDuration::MAX);
        let expiry = now.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
        let fields = Fields(
            [
                ("sv", VERSION.to_owned()),
                ("sr", if blob.is_some() { "b" } else { "c" }.to_owned()),
                ("sp", permissions.to_string()),
                ("se", expiry.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            ]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        );
        let signature =
            hmac::sign(&self.mac_key(), fields.text(&resource(container, blob)).as_bytes());
        let mut query = form_urlencoded::Serializer::new(String::new());
        for name in ["sv", "se", "sr", "sp"] {
            query.append_pair(name, fields.get(name));
        }
        query.append_pair("sig", &STANDARD.encode(signature)).finish()
    }

    /// Checks the signature in a query string and gives what it permits.
    pub(super) fn check(&self, name: &BlobName, query: &str) -> Result<Permissions, StorageError> {
        let fields = Fields(
            form_urlencoded::parse(query.as_bytes())
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        );
        let refuse = |detail: &str| Err(StorageError::authentication(detail));
        if fields.get("sig").is_empty() {
            return refuse("The request has no signature.");
        }
        if fields.get("sv") < OLDEST_VERSION {
            return refuse("The signature's version (sv) is missing or older than 2020-12-06.");
        }
        let blob = match fields.get("sr") {
            "b" => Some(name.path.as_str()),
            "c" => None,
            _ => return refuse("The signed resource (sr) is neither a blob nor a container."),
        };
        let text = fields.text(&resource(&name.container, blob));
        let Ok(signature) = STANDARD.decode(fields.get("sig")) else {
            return refuse("The signature (sig) is not base64.");
        };
        if hmac::verify(&self.mac_key(), text.as_bytes(), &signature).is_err() {
            return refuse("The signature did not match.");
        }
        let now = self.inner.clock.now();
        let start = fields.get("st");
        if !start.is_empty() && moment(start).is_none_or(|start| now < start) {
            return refuse("The signature's start time (st) is not reached.");
        }
        if moment(fields.get("se")).is_none_or(|end| end <= now) {
            return refuse("The signature's expiry time (se) has passed.");
        }
        Ok(Permissions::from_letters(fields.get("sp")))
    }

    fn mac_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.inner.key.expose_secret())
    }
}

fn resource(container: &str, blob: Option<&str>) -> String {
    match blob {
        Some(blob) => format!("/blob/{ACCOUNT}/{container}/{blob}"),
        None => format!("/blob/{ACCOUNT}/{container}"),
    }
}

/// A time of a signature: with seconds, without, or a date alone.
fn moment(text: &str) -> Option<Timestamp> {
    text.parse()
        .or_else(|_| format!("{}:00Z", text.trim_end_matches('Z')).parse())
        .or_else(|_| format!("{text}T00:00:00Z").parse())
        .ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{clock::Clock, data::Data};

    fn parts(url: &str) -> (BlobName, String) {
        let (address, query) = url.split_once('?').unwrap();
        let path = address.strip_prefix("http://127.0.0.1:1").unwrap();
        (BlobName::from_path(path).unwrap(), query.to_owned())
    }

    #[test]
    fn signatures_hold_for_their_blob_until_they_expire() {
        let clock = Clock::new();
        let storage =
            Storage::open("http://127.0.0.1:1".to_owned(), clock.clone(), None, &Data::default())
                .unwrap();
        let hour = Duration::from_secs(3600);
        let url = storage.signed_url("in", "a/b", Permissions::read(), hour);
        let (name, query) = parts(&url);
        assert_eq!(storage.check(&name, &query).unwrap(), Permissions::read());
        assert!(storage.check(&BlobName::new("in", "other"), &query).is_err());
        assert!(storage.check(&name, &query.replace("sp=r", "sp=rw")).is_err());
        assert!(storage.check(&name, "").is_err());
        clock.advance(hour);
        assert!(storage.check(&name, &query).is_err());

        let url = storage.signed_container_url("in", Permissions::all(), hour);
        let query = url.split_once('?').unwrap().1;
        assert_eq!(storage.check(&name, query).unwrap(), Permissions::all());
        assert!(storage.check(&BlobName::new("out", "a"), query).is_err());
    }

    #[test]
    fn times_come_in_three_forms() {
        let expected = "2024-05-06T00:00:00Z".parse().ok();
        for text in ["2024-05-06T00:00:00Z", "2024-05-06T00:00Z", "2024-05-06"] {
            assert_eq!(moment(text), expected, "{text}");
        }
        assert_eq!(moment("tomorrow"), None);
    }

    proptest! {
        #[test]
        fn no_query_opens_a_blob_by_chance(query in ".{0,80}") {
            let storage = Storage::open("http://127.0.0.1:1".to_owned(), Clock::new(), None, &Data::default()).unwrap();
            let signed = format!("sv=2022-11-02&sr=b&sp=r&se=2999-01-01&sig=AAAA&{query}");
            prop_assert!(storage.check(&BlobName::new("a", "b"), &signed).is_err());
            prop_assert!(storage.check(&BlobName::new("a", "b"), &query).is_err());
        }
    }
}
