//! Running a command of a device: the payload in its wrapper, time limits that
//! fit one another, and what came of it as one type. It must not know what
//! commands do.

use std::fmt;
use std::time::Duration;

use progenitor_client::{Error, Json, PathSegment, Refused, StatusCode};
use serde::Serialize;

use super::level::{Level, Names};
use crate::types::DeviceCommand;
use crate::{Client, CommandName, DeviceId, Method, OPERATIONS};

static RUN: Names = Names {
    device: "run_device_command",
    component: "run_component_command",
    module: "run_module_command",
    module_component: "run_module_component_command",
};

/// The limits of the platform, in seconds.
const MAX_CONNECTION: u64 = 30;
const RESPONSE: std::ops::RangeInclusive<u64> = 5..=30;
/// What the platform takes if nothing is said.
const DEFAULT_CONNECTION: u64 = 0;
const DEFAULT_RESPONSE: u64 = 30;
/// For everything but the device: to connect, to sign in, to travel.
const MARGIN: Duration = Duration::from_secs(10);
/// Devices answer with statuses like those of HTTP; from here on, failures.
const FAILURE_FROM: i32 = 300;

impl Client {
    /// Runs a command of a device and tells what came of it.
    ///
    /// ```no_run
    /// # async fn f(client: twinkit_iot_central::Client) -> Result<(), twinkit_iot_central::Error> {
    /// use std::time::Duration;
    /// use twinkit_iot_central::CommandOutcome;
    ///
    /// let call = client
    ///     .command("pump-1", "restart")
    ///     .component("motor")
    ///     .payload(&serde_json::json!({"delay": 5}))
    ///     .connection_timeout(Duration::from_secs(20));
    /// match call.run().await? {
    ///     CommandOutcome::Answered { response, .. } => println!("{response:?}"),
    ///     CommandOutcome::DeviceError { code, .. } => println!("the device refused: {code}"),
    ///     CommandOutcome::NotConnected { .. } => println!("it is not there"),
    ///     CommandOutcome::TimedOut { .. } => println!("it said nothing"),
    ///     _ => println!("something new"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The payload is put under `request`: a bare one would be taken as an empty
    /// request without a word. A command is never sent twice unless the service
    /// did not take it up.
    pub fn command<I, C>(&self, device_id: I, command: C) -> CommandCall<'_>
    where
        I: TryInto<DeviceId>,
        I::Error: fmt::Display,
        C: TryInto<CommandName>,
        C::Error: fmt::Display,
    {
        let command = command.try_into().map_err(Refused::because);
        CommandCall {
            client: self,
            level: Level::of(device_id),
            command,
            payload: None,
            connection: None,
            response: None,
        }
    }
}

/// A command to be run, by [`run`](Self::run).
#[must_use = "nothing is sent until `run` is awaited"]
#[derive(Debug)]
pub struct CommandCall<'a> {
    client: &'a Client,
    level: Result<Level, Refused>,
    command: Result<CommandName, Refused>,
    payload: Option<Result<Json, Error>>,
    connection: Option<Duration>,
    response: Option<Duration>,
}

/// What came of a command.
#[derive(Debug)]
#[non_exhaustive]
pub enum CommandOutcome {
    /// The device did it, or took it up: 202 of a long-running one, which later
    /// reports a property of the command's name. Commands that are queued for
    /// devices that are not there have neither code nor response.
    Answered {
        /// The run's id.
        id: Option<String>,
        /// The device's own status.
        code: Option<i32>,
        /// What it answered.
        response: Option<Json>,
    },
    /// The device answered that it failed: its own status is 300 or more, or
    /// below 200. The call as such went well.
    DeviceError {
        /// The run's id.
        id: Option<String>,
        /// The device's own status.
        code: i32,
        /// What it answered.
        response: Option<Json>,
    },
    /// The device exists and is not connected, or its template has no such
    /// command: the service says 404 in both cases.
    #[non_exhaustive]
    NotConnected {
        /// What the service said.
        error: Error,
    },
    /// The device did not answer in time (408). It may have done it.
    #[non_exhaustive]
    TimedOut {
        /// What the service said.
        error: Error,
    },
}

impl CommandOutcome {
    /// Whether the device did it or took it up.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        matches!(self, Self::Answered { .. })
    }

    fn of(run: DeviceCommand) -> Self {
        let DeviceCommand { id, response, response_code: code, .. } = run;
        match code {
            Some(code) if !(200..FAILURE_FROM).contains(&code) => {
                Self::DeviceError { id, code, response }
            }
            code => Self::Answered { id, code, response },
        }
    }
}

impl CommandCall<'_> {
    /// On this component, of the device or of the module.
    pub fn component(mut self, name: &str) -> Self {
        if let Ok(level) = &mut self.level {
            level.set_component(name);
        }
        self
    }

    /// On this module of an edge device.
    pub fn module(mut self, name: &str) -> Self {
        if let Ok(level) = &mut self.level {
            level.set_module(name);
        }
        self
    }

    /// What the command is given, as the template says. None by default.
    pub fn payload<T: Serialize + ?Sized>(mut self, payload: &T) -> Self {
        self.payload = Some(Json::from_serialize(payload));
        self
    }

    /// How long a device that is not connected has to come: whole seconds, at
    /// most 30; none by default.
    pub fn connection_timeout(mut self, limit: Duration) -> Self {
        self.connection = Some(limit);
        self
    }

    /// How long the device has to answer: whole seconds, 5 to 30; 30 by default.
    pub fn response_timeout(mut self, limit: Duration) -> Self {
        self.response = Some(limit);
        self
    }

    /// Runs the command. The call waits as long as both limits together and ten
    /// seconds more, unless the client's options set a time limit of an attempt.
    ///
    /// # Errors
    /// Before anything is sent: an id or name that no URL can express, a payload
    /// without JSON form, time limits out of their bounds. Else: there is no
    /// such device; the call fails before the device is asked.
    pub async fn run(self) -> Result<CommandOutcome, Error> {
        Box::pin(self.send()).await
    }

    async fn send(self) -> Result<CommandOutcome, Error> {
        let level = self.level?;
        let command = self.command?;
        let path = level.path(&format!("/commands/{}", PathSegment(command.as_str())))?;
        let connection = seconds("connection", self.connection, 0..=MAX_CONNECTION)?;
        let response = seconds("response", self.response, RESPONSE)?;
        let body = DeviceCommand {
            request: self.payload.transpose()?,
            connection_timeout: connection,
            response_timeout: response,
            ..DeviceCommand::default()
        };
        let asked = |seconds: Option<i32>, default| {
            Duration::from_secs(seconds.and_then(|s| u64::try_from(s).ok()).unwrap_or(default))
        };
        let limit =
            asked(connection, DEFAULT_CONNECTION) + asked(response, DEFAULT_RESPONSE) + MARGIN;
        let inner = &self.client.inner;
        let inner = inner.with_options(inner.options().clone().or_attempt_timeout(limit));
        let post = inner.request(Method::POST, &path);
        let post = post.operation(OPERATIONS, level.operation(&RUN)).json_body(&body);
        let error = match post.json::<DeviceCommand>().await {
            Ok(run) => return Ok(CommandOutcome::of(run.into_inner())),
            Err(error) => error,
        };
        match error.status() {
            Some(StatusCode::REQUEST_TIMEOUT) => Ok(CommandOutcome::TimedOut { error }),
            // The same answer is given for a device that does not exist.
            Some(StatusCode::NOT_FOUND) => {
                match self.client.get_device().device_id(level.device()).send().await {
                    Err(missing) if missing.is_not_found() => Err(missing),
                    _ => Ok(CommandOutcome::NotConnected { error }),
                }
            }
            _ => Err(error),
        }
    }
}

fn seconds(
    which: &str,
    limit: Option<Duration>,
    bounds: std::ops::RangeInclusive<u64>,
) -> Result<Option<i32>, Error> {
    let Some(limit) = limit else { return Ok(None) };
    if limit.subsec_nanos() == 0 && bounds.contains(&limit.as_secs()) {
        return Ok(i32::try_from(limit.as_secs()).ok());
    }
    Err(Error::InvalidRequest(format!(
        "the {which} time limit of a command is {} to {} whole seconds, not {} s",
        bounds.start(),
        bounds.end(),
        limit.as_secs_f64()
    )))
}
