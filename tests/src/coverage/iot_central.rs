//! The IoT Central client as a subject of the contract tests, in both versions.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, from_value, to_value};
use twinkit_iot_central::{CallOptions, Client, DeviceTemplate};

use crate::contract::{Subject, TOKEN};
use crate::generated::{Answer, Failure, Values, iot_central, iot_central_preview};
use crate::spec::Open;
use crate::support::token;

/// The IoT Central client.
#[derive(Debug, Default)]
pub struct IotCentral {
    clients: Clients,
}

/// Its preview.
#[derive(Debug, Default)]
pub struct IotCentralPreview {
    clients: Clients,
}

/// The client of the service that was called last. To make one takes longer
/// than to call it.
#[derive(Debug, Default)]
struct Clients {
    last: Mutex<Option<(String, Client)>>,
}

impl Clients {
    fn of(&self, endpoint: &str) -> Result<Client, Failure> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = last.as_ref().filter(|(known, _)| known == endpoint) {
            return Ok(client.clone());
        }
        let client = Client::builder(endpoint, token::fixed(TOKEN)).build()?;
        *last = Some((endpoint.to_owned(), client.clone()));
        Ok(client)
    }
}

fn options(headers: &[(String, String)]) -> CallOptions {
    let options = CallOptions::new().no_retry();
    headers.iter().fold(options, |options, (name, value)| options.header(name, value))
}

impl Subject for IotCentral {
    fn operations(&self) -> &'static [&'static str] {
        iot_central::OPERATIONS
    }

    async fn call(
        &self,
        endpoint: &str,
        operation: &str,
        values: &Values,
        headers: &[(String, String)],
    ) -> Result<Answer, Failure> {
        let client = self.clients.of(endpoint)?.with_options(options(headers));
        iot_central::call(&client, operation, values).await
    }

    fn document(&self, operation: &str, open: Open) -> Option<serde_json::Result<Value>> {
        operation.ends_with("_device_template").then(|| template(open))
    }
}

impl Subject for IotCentralPreview {
    fn operations(&self) -> &'static [&'static str] {
        iot_central_preview::OPERATIONS
    }

    async fn call(
        &self,
        endpoint: &str,
        operation: &str,
        values: &Values,
        headers: &[(String, String)],
    ) -> Result<Answer, Failure> {
        let client = self.clients.of(endpoint)?.preview().with_options(options(headers));
        iot_central_preview::call(&client, operation, values).await
    }

    fn document(&self, operation: &str, open: Open) -> Option<serde_json::Result<Value>> {
        operation.ends_with("_device_template").then(|| template(open))
    }
}

fn template(open: Open) -> serde_json::Result<Value> {
    let mut template: DeviceTemplate = from_value(open.declared)?;
    template.other = open.others;
    to_value(template)
}
