//! Takes events to webhooks, again and again if need be.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{
    message::{self, Message},
    post::{Poster, RootsError, Undelivered},
};
use crate::itwin::{Platform, events::Event};

/// How long a callback may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// Whoever takes the events of a platform to its webhooks.
pub(crate) struct Courier {
    platform: Arc<Platform>,
    events: mpsc::UnboundedReceiver<Event>,
    poster: Arc<Poster>,
}

impl Courier {
    /// For everything that happens from now on. `roots` are certificates in PEM
    /// that callbacks may come from, beside those of the settings.
    ///
    /// # Errors
    /// A certificate is none.
    pub(crate) fn new(platform: Arc<Platform>, roots: &[String]) -> Result<Self, RootsError> {
        let roots: Vec<String> =
            roots.iter().chain(&platform.config.callback_roots).cloned().collect();
        let poster = Arc::new(Poster::new(&roots)?);
        Ok(Self { events: platform.events.listen(), platform, poster })
    }

    /// Works until it is told to stop; what waits is then given up.
    pub(crate) async fn work(mut self, mut stop: watch::Receiver<bool>) {
        let mut deliveries = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stopped| *stopped) => break,
                Some(_) = deliveries.join_next() => {}
                event = self.events.recv() => {
                    let Some(event) = event else { break };
                    for message in self.messages(&event) {
                        let platform = Arc::clone(&self.platform);
                        let poster = Arc::clone(&self.poster);
                        deliveries.spawn(deliver(platform, poster, message));
                    }
                }
            }
        }
    }

    /// The event for each webhook that wants it.
    fn messages(&self, event: &Event) -> Vec<Message> {
        let now = self.platform.now();
        let state = self.platform.read();
        let wanting = state.webhooks.values().filter(|webhook| webhook.wants(event));
        wanting.map(|webhook| Message::new(event, webhook, now)).collect()
    }
}

/// Sends a message until it arrives, the webhook stops or no time is left for it.
async fn deliver(platform: Arc<Platform>, poster: Arc<Poster>, message: Message) {
    let mut waits = platform.config.redeliveries.clone().into_iter();
    loop {
        let Err(error) = attempt(&platform, &poster, &message).await else { return };
        tracing::debug!(webhook = message.webhook_id, message = message.id, %error, "not delivered");
        let Some(wait) = waits.next() else { return };
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let due = platform.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
        platform.clock.reached(due).await;
    }
}

async fn attempt(
    platform: &Platform,
    poster: &Poster,
    message: &Message,
) -> Result<(), Undelivered> {
    let target = {
        let state = platform.read();
        let webhook = state.webhooks.get(&message.webhook_id).filter(|webhook| webhook.active);
        webhook.map(|webhook| {
            let signature = message::signature(&webhook.secret, &message.body);
            (webhook.callback_url.clone(), signature)
        })
    };
    // Nobody wants it any more.
    let Some((url, signature)) = target else { return Ok(()) };
    let posted = poster.post(&url, &signature, message.body.clone());
    tokio::time::timeout(ANSWER, posted).await.unwrap_or(Err(Undelivered::Late))
}
