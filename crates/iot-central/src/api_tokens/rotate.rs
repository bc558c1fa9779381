//! Replacing an API token without a gap: the new one is made and proven before
//! the old one ends. It must not know who uses them.

use std::sync::Arc;
use std::time::Duration;

use progenitor_client::{
    Error, HeaderMap, Json, Progress, Refused, ResponseValue, StatusCode, Timestamp, Waiter,
};
use serde_json::{Map, Value};
use std::fmt;

use super::lifetime::End;
use super::{IssuedApiToken, check_expiry, issue, path};
use crate::{ApiTokenId, Client, Method, OPERATIONS};

/// How long a new token may take to be known everywhere. The platform names no
/// time; ours.
const PATIENCE: Duration = Duration::from_secs(30);

impl Client {
    /// Replaces an API token by a new one with the same roles: makes the new
    /// one, calls once with it, and only then revokes the old one.
    ///
    /// ```no_run
    /// # async fn f(client: twinkit_iot_central::Client) -> Result<(), twinkit_iot_central::Error> {
    /// use std::time::{Duration, SystemTime};
    ///
    /// let end = SystemTime::now() + Duration::from_secs(90 * 86_400);
    /// let rotation = client.rotate_api_token("nightly").expires(end).keep_old();
    /// let rotated = rotation.rotate().await?;
    /// // ... hand rotated.new.secret to whoever calls with it, then:
    /// client.revoke_api_token(rotated.old).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The new token has an id of its own: that of the old one with a counter,
    /// `nightly`, `nightly-2`, `nightly-3`, the first that is free. A client that
    /// calls with the old token itself is of no use afterwards; make a new one
    /// with [`with_api_token`](Self::with_api_token).
    ///
    /// How long the old token was made for is not told by the service, only when
    /// it ends. If that is more than 300 days away, it is taken as the service's
    /// own choice, and the service chooses the end of the new one. Otherwise a short life would
    /// become one of about a year unnoticed, so the caller has to say:
    /// [`expires`](Rotation::expires) or
    /// [`default_lifetime`](Rotation::default_lifetime).
    pub fn rotate_api_token<I>(&self, id: I) -> Rotation<'_>
    where
        I: TryInto<ApiTokenId>,
        I::Error: fmt::Display,
    {
        let old = id.try_into().map_err(Refused::because);
        Rotation { client: self, old, new: None, end: End::Unsaid, keep_old: false }
    }

    /// The same application with an API token; connections, settings and pacing
    /// are shared.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`](crate::ErrorKind::Auth) if the token has ended.
    #[inline]
    pub fn with_token(&self, token: &twinkit_auth::ApiToken) -> Result<Self, Error> {
        token.check_expiry(self.inner.clock().now())?;
        let authorizer = token.authorizer(self.inner.origin().clone())?;
        let authorizer = authorizer.with_clock(self.inner.clock().clone());
        Ok(self.inner.with_authorizer(Arc::new(authorizer), None).into())
    }
}

/// A token to be replaced, by [`rotate`](Self::rotate).
#[must_use = "nothing is sent until `rotate` is awaited"]
#[derive(Debug)]
pub struct Rotation<'a> {
    client: &'a Client,
    old: Result<ApiTokenId, Refused>,
    new: Option<String>,
    end: End,
    keep_old: bool,
}

/// A token that was replaced. `Display` tells it in one line, with both ends.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RotatedApiToken {
    /// The id of the old one.
    pub old: ApiTokenId,
    /// When the old one ends or would have ended; that of the new one is in
    /// [`new`](Self::new).
    pub old_expiry: Option<Timestamp>,
    /// Whether the old one has been revoked.
    pub old_revoked: bool,
    /// The new one. Its text is told only here.
    pub new: IssuedApiToken,
}

impl Rotation<'_> {
    /// The new token's id, which must be free.
    pub fn new_id(mut self, id: impl Into<String>) -> Self {
        self.new = Some(id.into());
        self
    }

    /// When the new token ends.
    pub fn expires(mut self, at: impl Into<Timestamp>) -> Self {
        self.end = End::At(at.into());
        self
    }

    /// Leaves the new token's end to the service, about a year ahead, however
    /// long the old one had.
    pub fn default_lifetime(mut self) -> Self {
        self.end = End::ByService;
        self
    }

    /// Leaves the old token as it is, for as long as it takes to hand the new one
    /// out. Revoke it then.
    pub fn keep_old(mut self) -> Self {
        self.keep_old = true;
        self
    }

    /// The end that the new token is asked for in place of one that ends at `old`,
    /// to be told before it is made; `None` if the service chooses.
    ///
    /// # Errors
    /// Nothing says when the new one is to end, as [`rotate`](Self::rotate) would
    /// find; an end that has passed.
    pub fn end_after(&self, old: Option<&Timestamp>) -> Result<Option<Timestamp>, Error> {
        let id = self.old.as_ref().map_err(Refused::clone)?;
        let end = self.end.resolve(id, old, self.client.inner.clock().now())?;
        check_expiry(self.client, end.as_ref())?;
        Ok(end)
    }

    /// Replaces the token.
    ///
    /// # Errors
    /// No such token; the new id is taken; the old token ends within 300 days and
    /// nothing says when the new one is to end; what the calls say. If the new token
    /// is not accepted it is revoked again, and the old one stays. If only the
    /// old one could not be revoked, that is no error:
    /// [`old_revoked`](RotatedApiToken::old_revoked) tells, because the new
    /// token's text would be lost with an error.
    pub async fn rotate(self) -> Result<RotatedApiToken, Error> {
        Box::pin(self.run()).await
    }

    async fn run(self) -> Result<RotatedApiToken, Error> {
        let client = self.client;
        let old = self.old?;
        if let End::At(end) = &self.end {
            check_expiry(client, Some(end))?;
        }
        let chosen = self.new.map(ApiTokenId::new).transpose()?;
        let get = client.inner.request(Method::GET, &path(&old));
        let stored = get.operation(OPERATIONS, "get_api_token").json::<Json>().await?;
        let stored: Map<String, Value> = stored.parse()?;
        let old_expiry: Option<Timestamp> =
            stored.get("expiry").and_then(Value::as_str).and_then(|text| text.parse().ok());
        let expiry = self.end.resolve(&old, old_expiry.as_ref(), client.inner.clock().now())?;
        let roles = stored.get("roles").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
        let taken: Vec<String> = client
            .list_api_tokens()
            .items()
            .into_vec()
            .await?
            .into_iter()
            .filter_map(|token| token.id)
            .collect();
        let id = match chosen {
            Some(id) if taken.iter().any(|there| there == id.as_str()) => {
                return Err(super::taken(&id));
            }
            Some(id) => id,
            None => ApiTokenId::new(next_id(old.as_str(), &taken))?,
        };
        let new = issue(client, &id, &roles, expiry.as_ref()).await?;
        if let Err(error) = prove(client, &new).await {
            // The failure that counts is the first one.
            let undone = client.revoke_api_token(&new.id).await.is_ok();
            let fate = if undone { "was revoked again" } else { "could not be revoked again" };
            let hint = error.hint().map_or_else(String::new, |hint| format!("; {hint}"));
            return Err(
                error.with_hint(format!("the new token {id} {fate}, and the old one stays{hint}"))
            );
        }
        let old_revoked = !self.keep_old && client.revoke_api_token(&old).await.is_ok();
        Ok(RotatedApiToken { old, old_expiry, old_revoked, new })
    }
}

impl fmt::Display for RotatedApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { old, old_expiry, old_revoked, new } = self;
        let end = |expiry: &Option<Timestamp>| {
            expiry.as_ref().map_or_else(|| "at a time not told".to_owned(), Timestamp::to_string)
        };
        let fate = if *old_revoked { "which was revoked and had its end" } else { "which ends" };
        write!(
            f,
            "API token {} (ends {}) replaces {old}, {fate} {}",
            new.id,
            end(&new.expiry),
            end(old_expiry)
        )
    }
}

/// The id with the next counter that is free: `a`, `a-2`, `a-3`.
#[inline]
pub(super) fn next_id(old: &str, taken: &[String]) -> String {
    let counted = old.rsplit_once('-').and_then(|(base, counter)| {
        let is_counter = !base.is_empty() && (1..=6).contains(&counter.len());
        counter.parse::<u32>().ok().filter(|_| is_counter).map(|counter| (base, counter))
    });
    let (base, first) = counted.map_or((old, 2), |(base, counter)| (base, counter + 1));
    let mut counter = first;
    loop {
        let id = format!("{base}-{counter}");
        if !taken.contains(&id) {
            return id;
        }
        counter += 1;
    }
}

/// One call with the new token. That its roles permit the call does not matter:
/// a 403 tells as well that the token is known.
async fn prove(client: &Client, new: &IssuedApiToken) -> Result<(), Error> {
    let caller = client.with_token(&new.token()?)?;
    let waiter = Waiter::new()
        .every(Duration::from_millis(500), Duration::from_secs(4))
        .deadline(PATIENCE)
        .clock(client.inner.clock().clone());
    let refused = std::sync::Mutex::new(None);
    let look = || async {
        match caller.list_devices().send().await {
            Ok(_) => Ok(ResponseValue::new(true, StatusCode::OK, HeaderMap::new())),
            Err(error) => match error.status() {
                Some(StatusCode::FORBIDDEN) => {
                    Ok(ResponseValue::new(true, StatusCode::FORBIDDEN, HeaderMap::new()))
                }
                Some(StatusCode::UNAUTHORIZED) => {
                    if let Ok(mut last) = refused.lock() {
                        *last = Some(error);
                    }
                    Ok(ResponseValue::new(false, StatusCode::UNAUTHORIZED, HeaderMap::new()))
                }
                _ => Err(error),
            },
        }
    };
    let judge = |known: &bool| if *known { Progress::Succeeded } else { Progress::Running };
    match waiter.until_ended(look, judge).await {
        Ok(_) => Ok(()),
        Err(error) => {
            let last = refused.into_inner().ok().flatten().filter(|_| error.is_timeout());
            Err(last.unwrap_or(error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_ids_count_on() {
        let taken = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        for (old, there, new) in [
            ("ops", &["ops"][..], "ops-2"),
            ("ops", &["ops", "ops-2"], "ops-3"),
            ("ops-2", &["ops-2"], "ops-3"),
            ("ops-9", &["ops-9", "ops-10"], "ops-11"),
            ("a-b", &[], "a-b-2"),
            ("-7", &[], "-7-2"),
            ("day-20240131", &[], "day-20240131-2"),
        ] {
            assert_eq!(next_id(old, &taken(there)), new, "{old}");
        }
    }
}
