//! What users agreed to.

use super::{Directory, DirectoryError};

/// The user's object id, the client id in lower case, the resource's key, the scope.
pub(super) type Consent = (String, String, String, String);

impl Directory {
    /// The user agrees that the application acts with these scopes of the
    /// resource.
    ///
    /// # Errors
    /// There is no such user, application or resource.
    pub fn consent(
        &self,
        user_name: &str,
        client_id: &str,
        resource: &str,
        scopes: &[&str],
    ) -> Result<(), DirectoryError> {
        let user = self.known_user(user_name)?;
        let application = self
            .application(None, client_id)
            .ok_or_else(|| DirectoryError::NoSuchApplication(client_id.to_owned()))?;
        let key = self
            .resource(resource)
            .ok_or_else(|| DirectoryError::NoSuchResource(resource.to_owned()))?
            .key;
        for scope in scopes {
            self.record_consent(&user.object_id, &application.client_id, &key, scope);
        }
        Ok(())
    }

    pub(crate) fn record_consent(
        &self,
        user_id: &str,
        client_id: &str,
        resource_key: &str,
        scope: &str,
    ) {
        let consent = consent(user_id, client_id, resource_key, scope);
        self.write().consents.insert(consent, ());
    }

    pub(crate) fn has_consent(
        &self,
        user_id: &str,
        client_id: &str,
        resource_key: &str,
        scope: &str,
    ) -> bool {
        self.read().consents.contains_key(&consent(user_id, client_id, resource_key, scope))
    }
}

fn consent(user_id: &str, client_id: &str, resource_key: &str, scope: &str) -> Consent {
    (
        user_id.to_ascii_lowercase(),
        client_id.to_ascii_lowercase(),
        resource_key.to_owned(),
        scope.to_owned(),
    )
}
