//! From a delivery to the work that it makes. It must not know what the work is.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::sync::mpsc::{self, Receiver, Sender};
use twinkit::itwin::webhooks::{
    Event, EventContent, EventVerifier, SIGNATURE_HEADER, SeenMessages,
};
use twinkit_examples::ending::printable;

/// Events that may wait for the work. When that is not enough, the platform keeps them
/// and delivers them again.
const WAITING: usize = 1_000;
/// Messages remembered; the platform repeats within hours.
const REMEMBERED: usize = 100_000;
/// No event is longer.
const MAX_BODY: usize = 256 * 1024;

/// What checks, tells repeats and hands over.
struct Intake {
    verifier: EventVerifier,
    seen: SeenMessages,
    queue: Sender<Event>,
}

/// What was taken and has to be worked on.
pub(crate) struct Work(Receiver<Event>);

/// A receiver: its routes, and the work behind them.
pub(crate) fn new(verifier: EventVerifier) -> (Router, Work) {
    let (queue, work) = mpsc::channel(WAITING);
    let intake = Intake { verifier, seen: SeenMessages::new(REMEMBERED), queue };
    let router = Router::new()
        .route("/events", post(receive))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::new(intake));
    (router, Work(work))
}

/// `Bytes`, not `Json`: the signature is over the body as it came, and a body that was
/// parsed and written again is another one.
async fn receive(State(intake): State<Arc<Intake>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok());
    let event = match intake.verifier.verify(signature, &body) {
        Ok(event) => event,
        Err(refused) => {
            eprintln!("refused: {}", printable(&refused.to_string()));
            return StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        }
    };
    if !intake.seen.admit(&event) {
        // Answered like a new one, or it comes again.
        return StatusCode::NO_CONTENT;
    }
    match intake.queue.try_send(event) {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(full) => {
            // Not taken, so it may come again.
            intake.seen.forget(&full.into_inner());
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

impl Work {
    /// Does the work on each event, one after the other, until no more can come.
    pub(crate) async fn run(mut self, act: impl Fn(&Event)) {
        while let Some(event) = self.0.recv().await {
            act(&event);
        }
    }
}

/// The work of this example: a line for each event.
pub(crate) fn show(event: &Event) {
    let id = |id: &Option<String>| id.clone().unwrap_or_else(|| "?".to_owned());
    let what = match &event.content {
        EventContent::NamedVersionCreated(version) => {
            format!("iModel {} has version {}", id(&version.imodel_id), id(&version.version_id))
        }
        EventContent::MemberAdded(member) => {
            format!("member {} was added as {}", id(&member.member_id), id(&member.role_name))
        }
        EventContent::ITwinCreated(_) => "an iTwin was made".to_owned(),
        // Its content is kept as it came: new kinds are no errors.
        _ => format!("something of the kind {}", event.event_type),
    };
    println!("{}: {}", printable(&event.message_id), printable(&what));
}
