//! What users agreed to.

use super::{Directory, DirectoryError};

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
        self.lock().consents.insert(consent(user_id, client_id, resource_key, scope));
    }

    pub(crate) fn has_consent(
        &self,
        user_id: &str,
        client_id: &str,
        resource_key: &str,
        scope: &str,
    ) -> bool {
        self.lock().consents.contains(&consent(user_id, client_id, resource_key, scope))
    }
}

fn consent(
    user_id: &str,
    client_id: &str,
    resource_key: &str,
    scope: &str,
) -> (String, String, String, String) {
    (
        user_id.to_ascii_lowercase(),
        client_id.to_ascii_lowercase(),
        resource_key.to_owned(),
        scope.to_owned(),
    )
}
