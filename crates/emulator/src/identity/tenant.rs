//! The part of a path that says whose directory is meant.

use serde::{Deserialize, Serialize};

use super::{directory::TENANT_ID, error::TokenError, token::Authority};

/// Words that stand for several tenants: users may sign in there, applications
/// on their own may not.
pub(crate) const SHARED_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];

/// The tenant of a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tenant {
    /// As it stands in the path.
    pub(crate) name: String,
    /// Its id; `None` if the name stands for several.
    pub(crate) id: Option<String>,
    /// Whether the AD FS layout was asked, whose issuer is another.
    is_adfs: bool,
}

impl Tenant {
    pub(crate) fn find(authority: &Authority, name: &str) -> Result<Self, TokenError> {
        let found = |id| Self { name: name.to_owned(), id, is_adfs: false };
        if SHARED_TENANTS.contains(&name) {
            return Ok(found(None));
        }
        match authority.directory.tenant(name) {
            Some(id) => Ok(found(Some(id))),
            None if uuid::Uuid::try_parse(name).is_ok() || name.contains('.') => {
                Err(TokenError::tenant_not_found(name))
            }
            None => Err(TokenError::tenant_malformed(name)),
        }
    }

    /// The seeded tenant in the AD FS layout.
    pub(crate) fn adfs() -> Self {
        Self { name: "adfs".to_owned(), id: Some(TENANT_ID.to_owned()), is_adfs: true }
    }

    /// The same tenant in the same layout, by another of its names.
    pub(crate) fn named(&self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self.clone() }
    }

    /// The issuer of a token for a principal of `tenant_id`.
    pub(crate) fn issuer(&self, authority: &Authority, tenant_id: &str) -> String {
        if self.is_adfs { authority.adfs_issuer() } else { authority.issuer(tenant_id) }
    }

    /// The address of the token endpoint by which this tenant was named.
    pub(crate) fn token_endpoint(&self, authority: &Authority) -> String {
        let base = &authority.base_url;
        if self.is_adfs {
            format!("{base}/adfs/oauth2/token")
        } else {
            format!("{base}/{}/oauth2/v2.0/token", self.name)
        }
    }
}
