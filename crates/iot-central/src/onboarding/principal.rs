//! Who is to use the application: a service principal, a group of Entra, a
//! person. It must not know what is done with them.

use std::fmt;

use progenitor_client::Error;
use serde_json::Map;
use twinkit_auth::TokenClaims;

use crate::guid;
use crate::kinds::User;
use crate::types::{AdGroupUser, EmailUser, RoleAssignment, ServicePrincipalUser, UserCollection};

pub(super) const OBJECT_ID_CURE: &str = "give the object id of the enterprise application: \
     az ad sp show --id CLIENT_ID --query id, or portal, Enterprise applications, Object ID; \
     neither the client id nor the object id of the app registration will do. \
     onboard_credential reads it from the principal's own token";
pub(super) const TENANT_CURE: &str =
    "give the tenant's id, not its domain: az account show --query tenantId";
pub(super) const GROUP_CURE: &str =
    "give the group's object id: az ad group show --group NAME --query id";

/// Somebody who may use an application.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Principal {
    /// A program that signs in as a service principal.
    ServicePrincipal {
        /// Its tenant, which must be that of the application's subscription.
        tenant_id: String,
        /// Object id of the enterprise application: neither the client id nor
        /// the object id of the app registration.
        object_id: String,
    },
    /// A group of Entra; the people in it may sign in. Service principals in a
    /// group get nothing by it.
    Group {
        /// Its tenant.
        tenant_id: String,
        /// Its object id.
        object_id: String,
    },
    /// A person.
    Email {
        /// The mail address.
        email: String,
    },
}

impl Principal {
    /// A service principal by its tenant's and its own id.
    ///
    /// # Errors
    /// Either is no GUID.
    pub fn service_principal(tenant: &str, object: &str) -> Result<Self, Error> {
        Ok(Self::ServicePrincipal {
            tenant_id: guid::checked("tenant id", tenant, TENANT_CURE)?,
            object_id: guid::checked("object id", object, OBJECT_ID_CURE)?,
        })
    }

    /// A group by its tenant's and its own id.
    ///
    /// # Errors
    /// Either is no GUID.
    pub fn group(tenant: &str, object: &str) -> Result<Self, Error> {
        Ok(Self::Group {
            tenant_id: guid::checked("tenant id", tenant, TENANT_CURE)?,
            object_id: guid::checked("object id", object, GROUP_CURE)?,
        })
    }

    /// A person by mail address.
    ///
    /// # Errors
    /// It is no mail address.
    pub fn email(address: &str) -> Result<Self, Error> {
        let email = address.trim();
        let parts = email.rsplit_once('@');
        let fits = parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
        if !fits || email.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(Error::InvalidRequest(format!("{email:?} is no mail address")));
        }
        Ok(Self::Email { email: email.to_owned() })
    }

    /// Whose token it is, if it is a service principal's.
    pub(super) fn of_token(claims: &TokenClaims) -> Result<Self, Error> {
        if claims.is_person() {
            let message = "the credential is a person's, not a service principal's".to_owned();
            return Err(Error::InvalidRequest(message)
                .with_hint("give the program's own credential, or onboard the person by mail"));
        }
        match (claims.tenant_id(), claims.object_id()) {
            (Some(tenant), Some(object)) => Self::service_principal(tenant, object),
            _ => {
                let message = "the credential's token names no tenant (tid) or object id (oid)";
                Err(Error::InvalidRequest(message.to_owned()).with_hint(OBJECT_ID_CURE))
            }
        }
    }

    /// The object id, of those who have one.
    #[must_use]
    pub fn object_id(&self) -> Option<&str> {
        match self {
            Self::ServicePrincipal { object_id, .. } | Self::Group { object_id, .. } => {
                Some(object_id)
            }
            Self::Email { .. } => None,
        }
    }

    /// Whether `user` is this one, under whatever user id.
    #[must_use]
    pub fn is(&self, user: &User) -> bool {
        let same = |ours: &str, theirs: &str| ours.eq_ignore_ascii_case(theirs.trim());
        match (self, user) {
            (Self::ServicePrincipal { tenant_id, object_id }, User::ServicePrincipal(user)) => {
                same(tenant_id, &user.tenant_id) && same(object_id, &user.object_id)
            }
            (Self::Group { tenant_id, object_id }, User::AdGroup(user)) => {
                same(tenant_id, &user.tenant_id) && same(object_id, &user.object_id)
            }
            (Self::Email { email }, User::Email(user)) => same(email, &user.email),
            _ => false,
        }
    }

    /// The user id that is taken if none is chosen: the object id, or of a mail
    /// address what a user id may hold.
    pub(super) fn default_user_id(&self) -> String {
        match self {
            Self::ServicePrincipal { object_id, .. } | Self::Group { object_id, .. } => {
                object_id.clone()
            }
            Self::Email { email } => {
                let fits = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
                email.to_ascii_lowercase().chars().map(fits).take(48).collect()
            }
        }
    }

    /// The user to be made.
    pub(super) fn to_user(&self, roles: Vec<RoleAssignment>) -> User {
        match self.clone() {
            Self::ServicePrincipal { tenant_id, object_id } => {
                ServicePrincipalUser { id: None, object_id, roles, tenant_id, extra: Map::new() }
                    .into()
            }
            Self::Group { tenant_id, object_id } => {
                AdGroupUser { id: None, object_id, roles, tenant_id, extra: Map::new() }.into()
            }
            Self::Email { email } => EmailUser { email, id: None, roles, extra: Map::new() }.into(),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServicePrincipal { tenant_id, object_id } => {
                write!(f, "service principal {object_id} of tenant {tenant_id}")
            }
            Self::Group { tenant_id, object_id } => {
                write!(f, "group {object_id} of tenant {tenant_id}")
            }
            Self::Email { email } => f.write_str(email),
        }
    }
}

/// What all kinds of user have. A kind that is not known here is asked by the
/// names that the others use.
#[inline]
pub(crate) fn id_and_roles(user: &User) -> (Option<String>, Vec<RoleAssignment>) {
    #[derive(serde::Deserialize)]
    struct Any {
        id: Option<String>,
        #[serde(default)]
        roles: Vec<RoleAssignment>,
    }
    match user {
        User::ServicePrincipal(user) => (user.id.clone(), user.roles.clone()),
        User::AdGroup(user) => (user.id.clone(), user.roles.clone()),
        User::Email(user) => (user.id.clone(), user.roles.clone()),
        User::Unknown(user) => {
            user.document().parse().map_or((None, Vec::new()), |Any { id, roles }| (id, roles))
        }
    }
}

/// All users of the application.
pub(super) async fn all_users(client: &crate::Client) -> Result<Vec<User>, Error> {
    let mut pages = client.list_users().pages();
    let mut users = Vec::new();
    while let Some(page) = pages.next_page().await {
        let UserCollection { value, .. } = page?.into_inner();
        users.extend(value);
    }
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TENANT: &str = "11111111-2222-3333-4444-555555555555";
    const OBJECT: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";

    fn user(document: serde_json::Value) -> User {
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn a_principal_is_known_again_under_any_user_id() {
        let principal = Principal::service_principal(TENANT, OBJECT).unwrap();
        let stored = |kind: &str, object: &str| {
            user(json!({"id": "x", "type": kind, "tenantId": TENANT, "objectId": object,
                        "roles": [{"role": "r"}]}))
        };
        assert!(principal.is(&stored("servicePrincipal", &OBJECT.to_uppercase())));
        assert!(!principal.is(&stored("adGroup", OBJECT)));
        assert!(!principal.is(&stored("servicePrincipal", TENANT)));
        assert!(Principal::group(TENANT, OBJECT).unwrap().is(&stored("adGroup", OBJECT)));
        let ann = Principal::email("Ann@contoso.com").unwrap();
        assert!(ann.is(&user(json!({"type": "email", "roles": [], "email": "ann@contoso.com"}))));
    }

    #[test]
    fn ids_of_another_shape_are_refused_with_their_cure() {
        for (tenant, object, cure) in [
            ("contoso.com", OBJECT, "not its domain"),
            (TENANT, "my-app", "enterprise application"),
            (TENANT, "", "enterprise application"),
        ] {
            let error = Principal::service_principal(tenant, object).unwrap_err();
            assert!(error.hint().unwrap().contains(cure), "{error}");
        }
        for address in ["ann", "@x", "ann@", "a b@x", "ann@x\n.y z"] {
            assert!(Principal::email(address).is_err(), "{address}");
        }
    }

    #[test]
    fn default_user_ids_fit_the_platforms_pattern() {
        let ann = Principal::email("Ann.O'Neil@contoso.com").unwrap();
        assert_eq!(ann.default_user_id(), "ann-o-neil-contoso-com");
        let long = Principal::email(&format!("{}@x", "a".repeat(90))).unwrap();
        assert_eq!(long.default_user_id().len(), 48);
    }

    #[test]
    fn users_of_new_kinds_have_roles_too() {
        let robot = user(json!({"type": "robot", "id": "r", "roles": [{"role": "x"}]}));
        let (id, roles) = id_and_roles(&robot);
        assert_eq!((id.as_deref(), roles.len()), (Some("r"), 1));
        assert!(id_and_roles(&user(json!({"type": "robot", "roles": 7}))).1.is_empty());
    }
}
