//! Commands: run now, with the device's answer in ours, and their history, the
//! newest run first (our choice).
//!
//! A device that is not connected is waited for, then it is 404; one that does
//! not answer is 408. Both waits are real, on tokio's clock. What a device answers
//! is set by [`Application::answer_command`]; without, a simulated device answers
//! 200 and an empty object, and a real one nothing.
//!
//! Our choices: a simulated device waits in vain for the payload of a command that
//! takes one, which is what a payload without its wrapper comes to; a command that
//! the template calls `durable` is taken at once and without a response, whether
//! the device is connected or not; a command that the template does not know is
//! 404; a run without an answer stands in the history.
//!
//! [`Application::answer_command`]: crate::iot_central::Application::answer_command

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::device;
use crate::iot_central::{
    ApiError, Application,
    access::Access,
    routes::{Answer, Call, ListOptions, nothing_here},
    rules::Body,
    state::Document,
    twin::{CommandAnswer, Place},
};

pub(super) async fn answer(
    call: &Call,
    id: &str,
    place: &Place,
    name: &str,
) -> Result<Answer, ApiError> {
    match call.method() {
        "GET" => history(call, id, place, name),
        "POST" => {
            let (command, is_durable) = Command::read(call, id, place, name)?;
            if is_durable {
                return command.finish(None);
            }
            command.connection().await?;
            let (code, response) = match command.response().await {
                Ok(answered) => answered,
                Err(silence) => {
                    command.finish(None)?;
                    return Err(silence);
                }
            };
            command.finish(Some((code, response)))
        }
        _ => Err(nothing_here()),
    }
}

fn history(call: &Call, id: &str, place: &Place, name: &str) -> Result<Answer, ApiError> {
    let page = call.page(ListOptions::None)?;
    let state = call.application.read();
    device(call, &state, id, Access::Read)?;
    if state.interface(id, place)?.find("Command", name).is_none() {
        return Err(ApiError::no_such("command", name));
    }
    let before = page.after.as_ref().and_then(|after| after.parse().ok()).unwrap_or(u64::MAX);
    let part = state.twins.get(id).and_then(|twin| twin.part(place));
    let runs = part.into_iter().flat_map(|part| part.commands.runs(name));
    let runs = runs.filter(|run| run.number < before);
    Ok(call.answer_page(&page, runs.map(|run| (run.number.to_string(), run.shown.clone()))))
}

/// A command on its way.
struct Command<'c> {
    application: &'c Application,
    device: &'c str,
    place: &'c Place,
    name: &'c str,
    request: Option<Value>,
    /// Whether the device waits for a payload that did not come.
    lacks_request: bool,
    connection_timeout: u8,
    response_timeout: u8,
}

impl<'c> Command<'c> {
    /// Reads the wrapper `{request, connectionTimeout, responseTimeout}`; also
    /// tells whether the command waits for devices that are away.
    fn read(
        call: &'c Call,
        device_id: &'c str,
        place: &'c Place,
        name: &'c str,
    ) -> Result<(Self, bool), ApiError> {
        let application = &*call.application;
        let state = application.read();
        device(call, &state, device_id, Access::Write)?;
        let command = state.interface(device_id, place)?.find("Command", name);
        let command = command.ok_or_else(|| ApiError::no_such("command", name))?;
        let document = call.object()?;
        let mut body = Body::new(&document);
        let mut seconds = |member, range, default| {
            let given = body.optional_integer(member, range);
            given.and_then(|given| u8::try_from(given).ok()).unwrap_or(default)
        };
        let connection_timeout = seconds("connectionTimeout", 0..=30, 0);
        let response_timeout = seconds("responseTimeout", 5..=30, 30);
        body.verdict()?;
        let request = document.get("request").cloned();
        let lacks_request = command.has_request() && request.is_none();
        let is_durable = command.flag("durable");
        let read = Self {
            application,
            device: device_id,
            place,
            name,
            request,
            lacks_request,
            connection_timeout,
            response_timeout,
        };
        Ok((read, is_durable))
    }

    /// Waits until the device is connected.
    async fn connection(&self) -> Result<(), ApiError> {
        let mut changes = self.application.device_changes();
        let deadline = Instant::now() + Duration::from_secs(self.connection_timeout.into());
        loop {
            let provisioned_in = {
                let (state, now) = (self.application.read(), self.application.now());
                if state.is_connected(self.device, now) {
                    return Ok(());
                }
                state.provisioned_in(self.device, now)
            };
            if Instant::now() >= deadline {
                return Err(ApiError::not_found(format!(
                    "The device {:?} is not connected.",
                    self.device
                )));
            }
            let soon = provisioned_in.and_then(|wait| Instant::now().checked_add(wait));
            let until = soon.map_or(deadline, |soon| soon.min(deadline));
            wait(&mut changes, until).await;
        }
    }

    /// Waits for the device's code and payload.
    async fn response(&self) -> Result<(i32, Option<Value>), ApiError> {
        let mut changes = self.application.device_changes();
        let begun = Instant::now();
        let deadline = begun + Duration::from_secs(self.response_timeout.into());
        loop {
            let mut until = deadline;
            if let CommandAnswer::Reply { code, response, delay } = self.planned()
                && let Some(due) = begun.checked_add(delay)
                && due <= deadline
            {
                if due <= Instant::now() {
                    return Ok((code, response));
                }
                until = due;
            }
            if Instant::now() >= deadline {
                return Err(ApiError::request_timeout(format!(
                    "The device {:?} did not answer the command {:?} within {} seconds.",
                    self.device, self.name, self.response_timeout
                )));
            }
            wait(&mut changes, until).await;
        }
    }

    /// What the device does with the command, as things are now.
    fn planned(&self) -> CommandAnswer {
        let state = self.application.read();
        let twin = state.twins.get(self.device);
        let own = twin.and_then(|twin| twin.part(self.place)?.commands.answers.get(self.name));
        let set = own.or_else(|| twin?.answer.as_ref());
        match set {
            Some(set) => set.clone(),
            None if state.simulated.contains_key(self.device) && !self.lacks_request => {
                CommandAnswer::of_simulated()
            }
            None => CommandAnswer::Silence,
        }
    }

    /// Notes the run and tells it.
    fn finish(self, answered: Option<(i32, Option<Value>)>) -> Result<Answer, ApiError> {
        let mut members = Document::new();
        members.insert("id".to_owned(), Uuid::new_v4().to_string().into());
        if let Some(request) = &self.request {
            members.insert("request".to_owned(), request.clone());
        }
        if let Some((code, response)) = answered {
            if let Some(response) = response {
                members.insert("response".to_owned(), response);
            }
            members.insert("responseCode".to_owned(), code.into());
        }
        members.insert("connectionTimeout".to_owned(), self.connection_timeout.into());
        members.insert("responseTimeout".to_owned(), self.response_timeout.into());
        let shown = Value::from(members);
        let mut state = self.application.write();
        let twin = state.twins.get_mut(self.device);
        let twin = twin.ok_or_else(|| ApiError::no_such("device", self.device))?;
        twin.part_mut(self.place).commands.note(self.name, shown.clone());
        Ok(Answer::created(shown))
    }
}

/// Waits for a change of some device, or until a time.
async fn wait(changes: &mut tokio::sync::watch::Receiver<()>, until: Instant) {
    // The sender lives as long as the application, so an error cannot be.
    let _ = timeout_at(until, changes.changed()).await;
}
