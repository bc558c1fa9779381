//! Carrying out a plan, item by item. It must not know how a plan is made.

use std::collections::HashSet;
use std::sync::OnceLock;

use futures_util::{StreamExt as _, stream};

use super::ids::Ids;
use super::{
    Action, Keeper, Observer, Outcome, Plan, PlannedItem, RestoreProgress, RestoreReport,
    RestoredItem, RestoredToken, tokens,
};
use crate::archive::{ArchiveError, Collection, requests};
use crate::{Client, Error, ErrorKind, Json, Secret};

impl Plan<'_> {
    /// Carries the plan out. An item that the service refuses is reported, with
    /// what belongs to it, and the rest goes on.
    ///
    /// Stopped half-way (by a failure, or by dropping the future), it is carried
    /// on by a new plan: what was made is then the same, and left alone. The
    /// values of API tokens that were made in the meantime are those that
    /// [`on_api_token`](super::Restore::on_api_token) was called with.
    ///
    /// # Errors
    /// [`ArchiveError::Stopped`] when nothing more can be carried: the service
    /// cannot be reached, answers too many requests, or does not know the
    /// caller. Calls that were under way then are in doubt.
    pub async fn apply(self) -> Result<RestoreReport, ArchiveError> {
        let Self { client, concurrency, mut ids, items, observer, keeper, .. } = self;
        let mut done = Done { total: items.len(), observer, keeper, ..Done::default() };
        let mut waiting = items.into_iter().peekable();
        while let Some(collection) = waiting.peek().map(|item| item.collection) {
            let mut stage = Vec::new();
            while let Some(item) = waiting.next_if(|item| item.collection == collection) {
                stage.push(item);
            }
            // A template's id is needed by what comes after it, a parent by its
            // children; a token's value is kept before there is another.
            let at_once = match collection {
                Collection::Organizations | Collection::DeviceTemplates | Collection::ApiTokens => {
                    1
                }
                _ => concurrency,
            };
            let given = done.carry(client, &ids, stage, at_once).await?;
            for (archived, here) in given {
                ids.template_is(&archived, here);
            }
        }
        Ok(done.report)
    }
}

/// What was done so far.
#[derive(Default)]
struct Done<'a> {
    report: RestoreReport,
    /// Devices that were not carried.
    without: HashSet<String>,
    total: usize,
    observer: Option<Observer<'a>>,
    keeper: Option<Keeper<'a>>,
}

impl Done<'_> {
    /// Carries the items of one collection; gives the ids that the service gave
    /// to templates.
    async fn carry(
        &mut self,
        client: &Client,
        ids: &Ids,
        stage: Vec<PlannedItem>,
        at_once: usize,
    ) -> Result<Vec<(String, Option<String>)>, ArchiveError> {
        let mut templates = Vec::new();
        let without = std::mem::take(&mut self.without);
        let mut failed = HashSet::new();
        let lost_one = OnceLock::new();
        let mut carried = stream::iter(stage)
            .map(|item| send(client, ids, &without, &lost_one, item))
            .buffered(at_once);
        while let Some((mut item, sent)) = carried.next().await {
            let outcome = match sent {
                Sent::Answer(answer) => {
                    let id = template_id(item.collection, &answer);
                    if item.collection == Collection::DeviceTemplates {
                        if let Some(id) = id.as_ref().filter(|id| **id != item.id) {
                            item.notes.push(format!("the application has it as {id}"));
                        }
                        let here = id.unwrap_or_else(|| item.id.clone());
                        templates.push((item.id.clone(), Some(here)));
                    }
                    let lost = self.keep(client, token(&item, &answer)).await;
                    match (lost, &item.action) {
                        (Some(reason), _) => {
                            lost_one.get_or_init(|| item.id.clone());
                            Outcome::NotCarried { reason }
                        }
                        (None, Action::Replace) => Outcome::Replaced,
                        (None, _) => Outcome::Created,
                    }
                }
                Sent::Refused(source) if is_final(&source) => {
                    let report = Box::new(std::mem::take(&mut self.report));
                    return Err(ArchiveError::Stopped { source, report });
                }
                Sent::Revoked(error) => {
                    lost_one.get_or_init(|| item.id.clone());
                    let reason = format!("it was revoked, and could not be made anew: {error}");
                    let outcome = Outcome::NotCarried { reason };
                    if is_final(&error) {
                        let PlannedItem { collection, id, notes, .. } = item;
                        self.report.items.push(RestoredItem { collection, id, outcome, notes });
                        let report = Box::new(std::mem::take(&mut self.report));
                        return Err(ArchiveError::Stopped { source: error, report });
                    }
                    outcome
                }
                Sent::Refused(error) => {
                    match item.collection {
                        Collection::DeviceTemplates if item.action == Action::Create => {
                            templates.push((item.id.clone(), None));
                        }
                        Collection::Devices if item.action == Action::Create => {
                            failed.insert(item.id.clone());
                        }
                        _ => {}
                    }
                    let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
                    Outcome::NotCarried { reason: format!("{error}{hint}") }
                }
                Sent::Nothing(outcome) => {
                    let is_missing = matches!(outcome, Outcome::NotCarried { .. });
                    if item.collection == Collection::Devices && is_missing && !item.conflict {
                        failed.insert(item.id.clone());
                    }
                    outcome
                }
            };
            let PlannedItem { collection, id, notes, .. } = item;
            self.report.items.push(RestoredItem { collection, id, outcome, notes });
            self.tell(collection);
        }
        drop(carried);
        self.without = without;
        self.without.extend(failed);
        Ok(templates)
    }

    /// Has a new token kept; why it is lost, if it cannot be.
    async fn keep(&mut self, client: &Client, made: Option<RestoredToken>) -> Option<String> {
        let made = made?;
        if let Some(keeper) = &mut self.keeper
            && let Err(error) = keeper(&made)
        {
            let fate = match client.revoke_api_token(made.id.as_str()).await {
                Ok(_) => "it was revoked again".to_owned(),
                Err(error) => format!("it could not be revoked again: {error}"),
            };
            return Some(format!("its value could not be kept: {error}; {fate}"));
        }
        self.report.tokens.push(made);
        None
    }

    fn tell(&mut self, collection: Collection) {
        if let Some(observer) = &mut self.observer {
            let (done, total) = (self.report.items.len(), self.total);
            observer(&RestoreProgress { collection, done, total });
        }
    }
}

/// What came of an item.
enum Sent {
    Answer(Json),
    Refused(Error),
    /// The token in its place is gone, and the new one was refused.
    Revoked(Error),
    /// Nothing was sent.
    Nothing(Outcome),
}

async fn send(
    client: &Client,
    ids: &Ids,
    without: &HashSet<String>,
    lost_one: &OnceLock<String>,
    mut item: PlannedItem,
) -> (PlannedItem, Sent) {
    let not_carried = |reason| Sent::Nothing(Outcome::NotCarried { reason });
    let Some(mut write) = item.write.take() else {
        let sent = match &item.action {
            Action::Skip { reason } => not_carried(reason.clone()),
            _ => Sent::Nothing(Outcome::Same),
        };
        return (item, sent);
    };
    // Where the value of one token was lost, those of others would be, too.
    if let Some(lost) = lost_one.get() {
        return (item, not_carried(format!("it was left alone, since {lost} was lost before it")));
    }
    if item.device.as_ref().is_some_and(|device| without.contains(device)) {
        return (item, not_carried("its device was not carried".to_owned()));
    }
    if let Some(reason) = ids.translate(item.collection, &mut write.body) {
        return (item, not_carried(reason));
    }
    // What a token that is there would become of by itself is not documented.
    let is_replaced = item.action == Action::Replace && item.collection == Collection::ApiTokens;
    if is_replaced && let Err(error) = client.revoke_api_token(item.id.as_str()).await {
        return (item, Sent::Refused(error));
    }
    let sent = match requests::send(client, &write).await {
        Ok(answer) => {
            if item.collection == Collection::ApiTokens {
                item.notes.extend(tokens::other_end(&write.body, &answer));
            }
            Sent::Answer(answer)
        }
        Err(error) if is_replaced => Sent::Revoked(error),
        Err(error) => Sent::Refused(error),
    };
    (item, sent)
}

fn template_id(collection: Collection, answer: &Json) -> Option<String> {
    let members = answer.parse::<crate::archive::document::Members>().ok()?;
    members.text(collection.id_member()).filter(|id| !id.is_empty())
}

/// The value of a token that was made.
fn token(item: &PlannedItem, answer: &Json) -> Option<RestoredToken> {
    #[derive(serde::Deserialize)]
    struct Made {
        token: Secret,
    }
    let made = (item.collection == Collection::ApiTokens).then(|| answer.parse::<Made>().ok());
    Some(RestoredToken { id: item.id.clone(), token: made??.token })
}

/// Whether a failure is not about one item: the next would fail alike.
fn is_final(error: &Error) -> bool {
    let kind = error.kind();
    let out_of_reach = [ErrorKind::Auth, ErrorKind::Connect, ErrorKind::Transport];
    let too_much = [ErrorKind::Timeout, ErrorKind::Throttled, ErrorKind::Configuration];
    out_of_reach.contains(&kind)
        || too_much.contains(&kind)
        || error.status().is_some_and(|status| matches!(status.as_u16(), 401 | 503))
}
