//! How many requests the platform takes. It must not know who counts them.

use progenitor_client::Pacing;

/// What the platform documents: 20 requests per second and application, one
/// query per second (of the preview). Beyond that it answers 429, and calls are
/// repeated later; a client that is paced by this does not get so far.
///
/// ```
/// use twinkit_iot_central::{Client, documented_pace};
/// # let token = "SharedAccessSignature sr=a&sig=b&skn=ops&se=4102444800000";
///
/// let client = Client::with_api_token("https://myapp.azureiotcentral.com", token)?
///     .pacing(documented_pace())
///     .build()?;
/// # Ok::<(), twinkit_iot_central::Error>(())
/// ```
///
/// Clones of a client and its preview share the pace. The limit is the
/// application's: others who call it at the same time are not counted here. Give
/// a clone of one [`Pacing`] to all clients that a program has of one application.
#[must_use]
pub fn documented_pace() -> Pacing {
    Pacing::per_second(20).operation("run_query", 1)
}
