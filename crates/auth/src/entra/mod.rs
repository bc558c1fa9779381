//! Microsoft Entra ID: where its authorities are, what its codes mean, and one
//! file per way in.
//!
//! `builder` and `app` hold what all ways share. It must not know any API that
//! tokens are for, nor how forms and answers are read (`oauth/`).

mod app;
mod authority;
mod authorization_code;
mod authorization_request;
mod builder;
mod client_credentials;
mod client_secret;
mod device_code;
pub(crate) mod env;
mod hints;
#[cfg(feature = "interactive")]
mod interactive;
mod refresh_token;
mod user;

pub use authority::AuthorityHost;
pub use authorization_code::{AuthorizationCode, AuthorizationCodeBuilder};
pub use authorization_request::{
    AuthorizationPage, AuthorizationRequest, AuthorizationRequestBuilder,
};
pub use builder::EntraBuilder;
pub use client_secret::{ClientSecret, ClientSecretBuilder};
pub use device_code::{DeviceCodeBuilder, DeviceCodeFlow};
#[cfg(feature = "interactive")]
pub use interactive::{Interactive, InteractiveBuilder};
pub use refresh_token::{RefreshToken, RefreshTokenBuilder};
pub use user::UserWay;
