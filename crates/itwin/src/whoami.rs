//! Who calls, and whether that explains an empty list. It must not change
//! anything.

use std::fmt;

use progenitor_client::Error;

use crate::ITwin;
use crate::users::types::UserProfile;

/// Who calls, and whether they see any iTwin. `Display` tells it in one line,
/// with what to do about an empty list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WhoAmI {
    /// The platform's own record of the caller.
    pub user: UserProfile,
    /// Whether at least one iTwin is there that the caller is a member of;
    /// inactive ones count.
    pub sees_itwins: bool,
}

impl ITwin {
    /// Tells who calls, and asks for one of the caller's iTwins.
    ///
    /// A service application is a user of its own in an account of its own. Until
    /// somebody makes it a member of an iTwin, by its email address, its lists are
    /// empty (200) and everything looks as if it were not there (404); nothing in
    /// those answers says why. This does.
    ///
    /// ```no_run
    /// # async fn f(platform: twinkit_itwin::ITwin) -> Result<(), twinkit_itwin::Error> {
    /// let me = platform.whoami().await?;
    /// if let Some(advice) = me.advice() {
    ///     println!("{advice}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Operations `Get me` and `Get my iTwins`.
    ///
    /// # Errors
    /// What the two calls say.
    #[inline]
    pub async fn whoami(&self) -> Result<WhoAmI, Error> {
        Box::pin(async {
            let user = self.users().get_me().send().await?.into_inner().user;
            let list = self.itwins().list_itwins().top(1).include_inactive(true);
            let sees_itwins = !list.send().await?.itwins.is_empty();
            Ok(WhoAmI { user, sees_itwins })
        })
        .await
    }
}

impl WhoAmI {
    /// Whether the caller is a service application rather than a person. The
    /// platform has no member for it; addresses of applications are
    /// `{client id}@apps.imsoidc.bentley.com`.
    #[must_use]
    pub fn is_service_application(&self) -> bool {
        is_application_email(&self.user.email)
    }

    /// What to do if no iTwin is seen; `None` if one is.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        if self.sees_itwins {
            return None;
        }
        let email = &self.user.email;
        Some(if self.is_service_application() {
            format!(
                "the application is a user of its own, in an account of its own, and member of no \
                 iTwin: an owner of the iTwin adds {email} as a member with a role, under Access \
                 Control of the iTwin in the portal or by onboard_service_application"
            )
        } else {
            format!(
                "{email} is member of no iTwin: an owner adds this address with a role, or an \
                 administrator of the organization asks for all of them (x_itwin_query_scope of \
                 list_itwins); an invitation must be accepted first"
            )
        })
    }
}

/// Whether an address is one of those that applications get.
fn is_application_email(email: &str) -> bool {
    // Hosts of the test environments have a prefix within.
    email.rsplit_once('@').is_some_and(|(_, host)| {
        let host = host.to_ascii_lowercase();
        host.starts_with("apps.") && host.ends_with("imsoidc.bentley.com")
    })
}

impl fmt::Display for WhoAmI {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_service_application() { "service application" } else { "user" };
        write!(f, "{kind} {} ({})", self.user.email, self.user.id)?;
        match self.advice() {
            Some(advice) => write!(f, "; sees no iTwin: {advice}"),
            None => f.write_str("; sees iTwins"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_applications_are_known() {
        for email in ["service-a@apps.imsoidc.bentley.com", "a@APPS.qa-imsoidc.bentley.com"] {
            assert!(is_application_email(email), "{email}");
        }
        for email in ["ann@contoso.com", "apps.imsoidc.bentley.com", "a@imsoidc.bentley.com"] {
            assert!(!is_application_email(email), "{email}");
        }
    }
}
