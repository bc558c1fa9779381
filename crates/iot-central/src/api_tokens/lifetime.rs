//! When a token that takes another one's place is to end. It must not know how
//! tokens are made.

use std::time::{Duration, SystemTime};

use progenitor_client::{Error, Timestamp};

use crate::ApiTokenId;

/// An end that is further away than this is taken as one that the service chose,
/// about a year ahead. Who chose it is not told, so the boundary is ours.
const CHOSEN_BY_SERVICE: Duration = Duration::from_secs(300 * 86_400);

/// When a new token is to end.
#[derive(Debug)]
pub(super) enum End {
    /// As the old token lets it be guessed.
    Unsaid,
    /// At this time.
    At(Timestamp),
    /// As the service chooses.
    ByService,
}

impl End {
    /// The end to ask for; `None` leaves it to the service.
    pub(super) fn resolve(
        &self,
        id: &ApiTokenId,
        old: Option<&Timestamp>,
        now: SystemTime,
    ) -> Result<Option<Timestamp>, Error> {
        match self {
            Self::At(end) => return Ok(Some(end.clone())),
            Self::ByService => return Ok(None),
            Self::Unsaid => {}
        }
        let left = old
            .and_then(|end| end.to_system_time().ok())
            .map(|end| end.duration_since(now).unwrap_or_default());
        if left.is_some_and(|left| left > CHOSEN_BY_SERVICE) {
            return Ok(None);
        }
        let known = old.map_or_else(
            || format!("the service does not tell when the API token {id} ends"),
            |end| format!("the API token {id} ends at {end}"),
        );
        let message = format!("{known}, which does not tell how long the new one is to live");
        Err(Error::InvalidRequest(message).with_hint(
            "give its end (expires), or leave it to the service, about a year ahead \
             (default_lifetime)",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_end_that_is_far_away_is_left_to_the_service_unasked() {
        let id = ApiTokenId::new("ops").unwrap();
        let now = SystemTime::now();
        let old = |days: u64| Timestamp::from(now + Duration::from_secs(days * 86_400 + 60));
        let unsaid = |old: Option<&Timestamp>| End::Unsaid.resolve(&id, old, now);
        assert_eq!(unsaid(Some(&old(300))).unwrap(), None);
        for days in [0, 90, 299] {
            let error = unsaid(Some(&old(days))).unwrap_err();
            assert!(error.to_string().contains("API token ops ends at"), "{error}");
        }
        let past = Timestamp::from(now - Duration::from_secs(60));
        assert!(unsaid(Some(&past)).is_err() && unsaid(None).is_err());
        assert_eq!(End::ByService.resolve(&id, Some(&past), now).unwrap(), None);
        assert_eq!(End::At(old(1)).resolve(&id, None, now).unwrap(), Some(old(1)));
    }
}
