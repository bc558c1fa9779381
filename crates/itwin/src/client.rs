//! How an [`ITwin`] is made, and what all its APIs share. It must not know any
//! single operation.

use std::sync::Arc;

use progenitor_client::{CallOptions, Context, Error, Method, Origin, RawRequest};
use twinkit_auth::{Credential, SecretString, StaticAuthorizer};

use crate::hints;

/// Where the platform is. There are no regional endpoints.
pub const ENDPOINT: &str = "https://api.bentley.com";

/// Scope of the tokens that the platform takes, one for all APIs.
pub const TOKEN_SCOPE: &str = "itwin-platform";

/// Settings of an [`ITwin`].
pub type ITwinBuilder = progenitor_client::ClientBuilder<ITwin>;

/// The platform: one connection pool, one credential and one retry budget, which
/// the clients of all its APIs share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ITwin {
    pub(crate) context: Context,
    #[cfg(feature = "users")]
    users: crate::users::Client,
    #[cfg(feature = "itwins")]
    itwins: crate::itwins::Client,
    #[cfg(feature = "access-control")]
    access_control: crate::access_control::Client,
    #[cfg(feature = "imodels")]
    imodels: crate::imodels::Client,
    #[cfg(feature = "storage")]
    storage: crate::storage::Client,
    #[cfg(feature = "reality-management")]
    reality_management: crate::reality_management::Client,
    #[cfg(feature = "webhooks")]
    webhooks: crate::webhooks::Client,
}

impl ITwin {
    /// Starts a client of the platform at [`ENDPOINT`], as whom `credential`
    /// says; [`endpoint`](progenitor_client::ClientBuilder::endpoint) sets
    /// another one, such as an emulator's.
    ///
    /// A service application is a user of its own and sees nothing until it is
    /// made a member of an iTwin: `users().get_me()` tells its email address.
    pub fn builder(credential: impl Into<Credential>) -> ITwinBuilder {
        ITwinBuilder::bearer(ENDPOINT, credential.into(), TOKEN_SCOPE).hints(hints::hint)
    }

    /// Starts a client that calls with the key of a share, at `endpoint`: without
    /// a sign-in it reads what the share's contract opens.
    ///
    /// ```
    /// use twinkit_itwin::{ENDPOINT, ITwin};
    ///
    /// let platform = ITwin::with_share_key(ENDPOINT, "ZXhhbXBsZS1rZXk")?.build()?;
    /// # Ok::<(), twinkit_itwin::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it cannot
    /// be a share key, or the endpoint names no host. The key is not shown.
    pub fn with_share_key(
        endpoint: impl Into<String>,
        key: impl Into<SecretString>,
    ) -> Result<ITwinBuilder, Error> {
        let endpoint = endpoint.into();
        let refused = |error: &dyn std::fmt::Display| Error::configuration(error.to_string());
        let origin = Origin::parse(&endpoint).map_err(|error| refused(&error))?;
        let authorizer =
            StaticAuthorizer::share_key(key, origin).map_err(|error| refused(&error))?;
        Ok(ITwinBuilder::new(endpoint, Arc::new(authorizer)).hints(hints::hint))
    }

    /// The same platform with other options for its calls. What they leave unset stays
    /// as it is here; headers are joined.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        self.context.with_options(options).into()
    }

    /// The same platform as another caller: connections, settings and pacing are
    /// shared.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the
    /// client's scope cannot be asked for.
    #[inline]
    pub fn with_credential(&self, credential: impl Into<Credential>) -> Result<Self, Error> {
        Ok(self.context.with_credential(credential.into(), TOKEN_SCOPE)?.into())
    }

    /// A call of an API that has no client here, through the same pipeline:
    /// sign-in, retries, errors. `path` is percent-encoded; `version` is the
    /// number behind the `v` of the API's version.
    pub fn request(&self, method: Method, path: &str, version: u32) -> RawRequest {
        request(&self.context, method, path, version)
    }
}

impl From<Context> for ITwin {
    fn from(context: Context) -> Self {
        Self {
            #[cfg(feature = "users")]
            users: context.clone().into(),
            #[cfg(feature = "itwins")]
            itwins: context.clone().into(),
            #[cfg(feature = "access-control")]
            access_control: context.clone().into(),
            #[cfg(feature = "imodels")]
            imodels: context.clone().into(),
            #[cfg(feature = "storage")]
            storage: context.clone().into(),
            #[cfg(feature = "reality-management")]
            reality_management: context.clone().into(),
            #[cfg(feature = "webhooks")]
            webhooks: context.clone().into(),
            context,
        }
    }
}

fn request(context: &Context, method: Method, path: &str, version: u32) -> RawRequest {
    let accept = format!("application/vnd.bentley.itwin-platform.v{version}+json");
    context.request(method, path).header("accept", accept)
}

/// What the clients of all APIs have in common, and the way to each from
/// [`ITwin`].
macro_rules! api {
    ($feature:literal, $module:ident, $version:literal, $about:literal) => {
        #[cfg(feature = $feature)]
        impl ITwin {
            #[doc = concat!("The ", $about, " API, on the same connections and retry budget.")]
            #[must_use]
            pub fn $module(&self) -> &crate::$module::Client {
                &self.$module
            }
        }

        #[cfg(feature = $feature)]
        impl crate::$module::Client {
            /// The same client with other options for its calls: a cheap clone on the
            /// same connections and retry budget. What they leave unset stays as it is
            /// here; headers are joined.
            #[must_use]
            pub fn with_options(&self, options: CallOptions) -> Self {
                Self { inner: self.inner.with_options(options), ..self.clone() }
            }

            /// A call that has no method here yet, through the same pipeline. `path`
            /// begins as those of the API's methods and is percent-encoded; the
            /// version is asked for.
            pub fn request(&self, method: Method, path: &str) -> RawRequest {
                request(&self.inner, method, path, $version)
            }
        }

        #[cfg(feature = $feature)]
        impl From<Context> for crate::$module::Client {
            fn from(context: Context) -> Self {
                Self { client: context.client().clone(), inner: context }
            }
        }
    };
}

api!("users", users, 1, "Users");
api!("itwins", itwins, 1, "iTwins");
api!("access-control", access_control, 2, "Access Control");
api!("imodels", imodels, 2, "iModels");
api!("storage", storage, 1, "Storage");
api!("reality-management", reality_management, 1, "Reality Management");
api!("webhooks", webhooks, 2, "Webhooks");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_share_key_is_refused_without_showing_it() {
        for key in ["Basic canary", "", "canary canary"] {
            let error = ITwin::with_share_key(ENDPOINT, key).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Configuration);
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
}
