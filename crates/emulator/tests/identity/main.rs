//! Every sign-in flow over TCP: the Entra-shaped service, its pages, the
//! foreign issuer and the IMS-shaped service.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected is to fail"
)]

mod assertions;
mod authorization_code;
mod authorize;
mod clients;
mod control;
mod device_code;
mod federation;
mod ims;
mod long_tokens;
mod on_behalf_of;
mod refresh_token;
mod support;
