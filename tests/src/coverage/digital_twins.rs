//! The Digital Twins client as a subject of the contract tests.

use twinkit_digital_twins::{CallOptions, Client};

use crate::contract::{Subject, TOKEN};
use crate::generated::{Answer, Failure, Values, digital_twins};
use crate::support::token;

/// The Digital Twins client.
#[derive(Debug, Clone, Copy)]
pub struct DigitalTwins;

impl Subject for DigitalTwins {
    fn operations(&self) -> &'static [&'static str] {
        digital_twins::OPERATIONS
    }

    async fn call(
        &self,
        endpoint: &str,
        operation: &str,
        values: &Values,
        headers: &[(String, String)],
    ) -> Result<Answer, Failure> {
        let mut options = CallOptions::new().no_retry();
        for (name, value) in headers {
            options = options.header(name.as_str(), value.as_str());
        }
        let client = Client::builder(endpoint, token::fixed(TOKEN)).options(options).build()?;
        digital_twins::call(&client, operation, values).await
    }
}
