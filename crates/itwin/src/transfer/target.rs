//! Where contents go: an address, and which storage service it is of. It must
//! not know what is done there.

use progenitor_client::{Error, Secret, SignedAddress};

/// The storage services that the platform hands addresses of out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorageService {
    /// Azure Blob Storage: wants to know that it gets a block blob, and takes large
    /// contents in blocks.
    Azure,
    /// Google Cloud Storage, or another that takes whatever is put.
    Google,
}

impl StorageService {
    /// By the link's `storageType`, which is there since 2025; else by the address.
    pub(super) fn of(storage_type: Option<&str>, address: &SignedAddress) -> Self {
        match storage_type {
            Some(named) if named.eq_ignore_ascii_case("azure") => Self::Azure,
            Some(_) => Self::Google,
            None if address.has_parameter("X-Goog-Signature") => Self::Google,
            None => Self::Azure,
        }
    }
}

/// An address for one transfer.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) address: SignedAddress,
    pub(crate) service: StorageService,
    /// What the API calls the thing, for the call that completes it.
    pub(crate) id: String,
    /// How many bytes lie there, where the API says so.
    pub(crate) size: Option<u64>,
}

impl Target {
    pub(crate) fn of(address: SignedAddress, storage_type: Option<&str>) -> Self {
        let service = StorageService::of(storage_type, &address);
        Self { address, service, id: String::new(), size: None }
    }

    /// The target that the answer of `operation` names.
    #[cfg(any(feature = "imodels", feature = "storage", feature = "reality-management"))]
    pub(crate) fn of_answer(
        address: &Secret,
        storage_type: Option<&str>,
        operation: &'static str,
    ) -> Result<Self, Error> {
        Ok(Self::of(SignedAddress::of_answer(address, operation)?, storage_type))
    }

    #[cfg(any(feature = "imodels", feature = "storage"))]
    pub(crate) fn named(self, id: impl Into<String>) -> Self {
        Self { id: id.into(), ..self }
    }
}

/// Whether a storage service refused the address itself: it ended, or never was
/// good. Google answers 400 to one that ended.
pub(super) fn is_refused_address(error: &Error) -> bool {
    error.status().is_some_and(|status| status.as_u16() == 403)
        || error.code() == Some("ExpiredToken")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_told_or_seen() {
        let service = |named, query: &str| {
            let address = SignedAddress::parse(&format!("https://x.example/y?{query}")).unwrap();
            StorageService::of(named, &address)
        };
        assert_eq!(service(Some("azure"), ""), StorageService::Azure);
        assert_eq!(service(Some("google"), "sig=a"), StorageService::Google);
        assert_eq!(service(None, "sv=1&sig=a"), StorageService::Azure);
        assert_eq!(service(None, "x-goog-signature=a"), StorageService::Google);
    }
}
