//! The newest preview of the API, 2022-10-31-preview, whole: what the stable
//! version has, and queries, data export, dashboards and deployment manifests.
//!
//! ```no_run
//! # async fn f(client: twinkit_iot_central::Client) -> Result<(), twinkit_iot_central::Error> {
//! use twinkit_iot_central::preview::types::QueryRequest;
//!
//! let query = "SELECT TOP 10 $id, temperature FROM dtmi:example:pump;1 WHERE WITHIN_WINDOW(P1D)";
//! let query = QueryRequest::builder().query(query.to_owned());
//! for row in &client.preview().run_query().body(query).send().await?.results {
//!     println!("{}", row.get());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A preview may change or end without notice, and so may this module. Its types
//! are its own: those of the stable version are others, also where they look the
//! same.

mod client;
mod filter;
#[rustfmt::skip]
mod generated;

pub use client::API_VERSION;
pub use filter::{Filter, FilterValue};
pub use generated::{Client, OPERATIONS, builder, enums, kinds, patches, types};

#[cfg(test)]
mod tests {
    use super::kinds::Destination;
    use serde_json::json;

    #[test]
    fn a_webhooks_address_travels_and_is_not_shown() {
        let document = json!({
            "type": "webhook@v1",
            "displayName": "W",
            "url": "https://hooks.example/post?code=canary",
        });
        let destination: Destination = serde_json::from_value(document.clone()).unwrap();
        let Destination::WebhookV1(webhook) = &destination else { panic!("{destination:?}") };
        assert!(webhook.url.expose().ends_with("code=canary"));
        assert!(!format!("{destination:?}").contains("canary"), "{destination:?}");
        assert_eq!(serde_json::to_value(&destination).unwrap(), document);
    }
}
