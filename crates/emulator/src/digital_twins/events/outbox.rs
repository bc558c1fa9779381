//! Events that routes let through, kept for inspection.

use std::{collections::VecDeque, sync::Arc};

use serde_json::{Value, json};

use super::CloudEvent;
use crate::digital_twins::store::EventRouteRecord;

/// An event that a route let through to its endpoint.
#[derive(Debug, Clone)]
pub struct DeliveredEvent {
    /// Id of the route.
    pub route: String,
    /// Name of the endpoint it would have gone to.
    pub endpoint: String,
    /// The event.
    pub event: Arc<CloudEvent>,
}

impl DeliveredEvent {
    /// `{"route", "endpoint", "event"}`
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "route": self.route,
            "endpoint": self.endpoint,
            "event": self.event.to_json(),
        })
    }
}

/// The newest delivered events.
#[derive(Debug)]
pub(crate) struct Outbox {
    kept: usize,
    events: VecDeque<DeliveredEvent>,
}

impl Outbox {
    pub(crate) fn new(kept: usize) -> Self {
        Self { kept, events: VecDeque::new() }
    }

    /// Offers an event to every route.
    pub(crate) fn offer<'r>(
        &mut self,
        event: CloudEvent,
        routes: impl Iterator<Item = &'r Arc<EventRouteRecord>>,
    ) {
        let event = Arc::new(event);
        for route in routes.filter(|route| route.filter.matches(&event)) {
            if self.events.len() >= self.kept {
                self.events.pop_front();
            }
            self.events.push_back(DeliveredEvent {
                route: route.id.clone(),
                endpoint: route.endpoint.clone(),
                event: Arc::clone(&event),
            });
        }
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &DeliveredEvent> {
        self.events.iter()
    }

    pub(crate) fn clear(&mut self) {
        self.events.clear();
    }
}
