//! The clients of the iTwin Platform's APIs as subjects of the contract tests.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use twinkit_itwin::{CallOptions, ITwin};

use super::Coverage;
use crate::contract::{Subject, TOKEN};
use crate::generated::{Answer, Failure, Values};
use crate::served;
use crate::spec::{Document, Open};
use crate::support::token;

/// The platform at the service that was called last. To make one takes longer
/// than to call it.
#[derive(Debug, Default)]
struct Platforms {
    last: Mutex<Option<(String, ITwin)>>,
}

impl Platforms {
    fn of(&self, endpoint: &str, headers: &[(String, String)]) -> Result<ITwin, Failure> {
        let options = CallOptions::new().no_retry();
        let options =
            headers.iter().fold(options, |options, (name, value)| options.header(name, value));
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, platform)) = last.as_ref().filter(|(known, _)| known == endpoint) {
            return Ok(platform.with_options(options));
        }
        let platform = ITwin::builder(token::fixed(TOKEN)).endpoint(endpoint).build()?;
        *last = Some((endpoint.to_owned(), platform.clone()));
        Ok(platform.with_options(options))
    }
}

macro_rules! subject {
    ($name:ident, $api:ident, $callers:ident, $about:literal) => {
        #[doc = concat!("The ", $about, " API.")]
        #[derive(Debug, Default)]
        pub struct $name {
            platforms: Platforms,
        }

        impl Subject for $name {
            fn operations(&self) -> &'static [&'static str] {
                crate::generated::$callers::OPERATIONS
            }

            async fn call(
                &self,
                endpoint: &str,
                operation: &str,
                values: &Values,
                headers: &[(String, String)],
            ) -> Result<Answer, Failure> {
                let platform = self.platforms.of(endpoint, headers)?;
                crate::generated::$callers::call(platform.$api(), operation, values).await
            }

            fn document(&self, _: &str, _: Open) -> Option<serde_json::Result<Value>> {
                None
            }
        }
    };
}

subject!(Users, users, itwin_users, "Users");
subject!(ITwins, itwins, itwin_itwins, "iTwins");
subject!(AccessControl, access_control, itwin_access_control, "Access Control");
subject!(IModels, imodels, itwin_imodels, "iModels");
subject!(Storage, storage, itwin_storage, "Storage");
subject!(RealityManagement, reality_management, itwin_reality_management, "Reality Management");
subject!(Webhooks, webhooks, itwin_webhooks, "Webhooks");

/// Counts one API of the platform: `part` is its name behind `itwin-`.
///
/// # Errors
/// There is no such API, the document cannot be read, or a server does not
/// start.
pub(super) async fn count(api: &str, part: &str, spec: Option<&Path>) -> anyhow::Result<Coverage> {
    let own = super::itwin_spec(part);
    let read = || Document::from_file(spec.unwrap_or(&own));
    macro_rules! counted {
        ($name:literal, $api:ident, $subject:ident) => {{
            let (document, table) = (read()?, twinkit_itwin::$api::OPERATIONS);
            let found = super::client($name, &document, &$subject::default(), table).await?;
            Ok(super::with_served(found, &served::$api(&document).await?))
        }};
    }
    match part {
        "users" => counted!("itwin-users", users, Users),
        "itwins" => counted!("itwin-itwins", itwins, ITwins),
        "access-control" => {
            counted!("itwin-access-control", access_control, AccessControl)
        }
        "imodels" => counted!("itwin-imodels", imodels, IModels),
        "storage" => counted!("itwin-storage", storage, Storage),
        "reality-management" => {
            counted!("itwin-reality-management", reality_management, RealityManagement)
        }
        "webhooks" => counted!("itwin-webhooks", webhooks, Webhooks),
        _ => Err(super::unknown(api)),
    }
}
