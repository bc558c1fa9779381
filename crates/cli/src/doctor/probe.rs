//! One cheap call to a platform that every caller may make, to see whether it
//! lets this one in.

use futures_util::StreamExt;
use twinkit::auth::Credential;
use twinkit::{digital_twins, iot_central, itwin};

use super::report::Probe;
use crate::hints::spoken;
use crate::identity::claims::printable;
use crate::identity::target::Target;

/// Status and text of a call that failed.
type Failure = (Option<u16>, String);

/// What a call that went well tells.
struct Told {
    detail: String,
    advice: Option<String>,
}

/// Calls the endpoint with the credential that was found.
pub(super) async fn probe(endpoint: &str, credential: Credential, target: &Target) -> Probe {
    let lets_in = |what: &str| Told {
        detail: format!("{what} answers and lets this caller in"),
        advice: None,
    };
    let called = match target {
        Target::IotCentral => {
            application(endpoint, credential).await.map(|()| lets_in("the application"))
        }
        Target::Itwin => platform(endpoint, credential).await,
        _ => instance(endpoint, credential, target).await.map(|()| lets_in("the instance")),
    };
    let endpoint = endpoint.to_owned();
    match called {
        Ok(Told { detail, advice }) => {
            Probe { endpoint, ok: true, status: Some(200), detail, advice }
        }
        Err((status, detail)) => Probe { endpoint, ok: false, status, detail, advice: None },
    }
}

/// Who the platform takes the caller for, and whether lists would be empty.
async fn platform(endpoint: &str, credential: Credential) -> Result<Told, Failure> {
    let client = itwin::ITwin::builder(credential).endpoint(endpoint).build().map_err(told)?;
    let me = client.whoami().await.map_err(told)?;
    let kind = if me.is_service_application() { "service application" } else { "person" };
    let sees = if me.sees_itwins { "sees iTwins" } else { "sees no iTwin" };
    let detail = format!("the platform answers; this is {kind} {}, who {sees}", me.user.email);
    let advice = me.advice().map(|advice| printable(&spoken(&advice)));
    Ok(Told { detail: printable(&detail), advice })
}

async fn instance(endpoint: &str, credential: Credential, target: &Target) -> Result<(), Failure> {
    let client = digital_twins::Client::builder(endpoint, credential);
    let client = client.scope(target.scope()).build().map_err(told)?;
    let mut models = Box::pin(client.list_models().items());
    match models.next().await {
        Some(Err(error)) => Err(told(error)),
        _ => Ok(()),
    }
}

async fn application(endpoint: &str, credential: Credential) -> Result<(), Failure> {
    let endpoint =
        crate::iot_central::endpoint(endpoint).map_err(|error| (None, error.to_string()))?;
    let client = iot_central::Client::builder(endpoint, credential).build().map_err(told)?;
    client.list_roles().send().await.map(|_| ()).map_err(told)
}

/// One type for all platforms.
fn told(error: digital_twins::Error) -> Failure {
    let hint = error.hint().map(|hint| format!("; hint: {hint}")).unwrap_or_default();
    let text = spoken(&format!("{error}{hint}")).into_owned();
    (error.status().map(|status| status.as_u16()), text)
}
