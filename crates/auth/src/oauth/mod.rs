//! OAuth 2.0 (RFC 6749) as every grant needs it: one form, one exchange with
//! the token endpoint, one decoder.
//!
//! A grant fills a [`Form`] and hands it to [`OAuthClient::exchange_with`], which
//! adds the client's proof. What a grant needs besides has a file here if it is
//! OAuth's own: PKCE, the loopback redirect, device polling, and the session that
//! all sign-ins of people end in. It must not know any identity service: no
//! authority, tenant or AADSTS code, with the one exception that `exchange` names.

mod account;
#[cfg(feature = "interactive")]
pub(crate) mod browser;
pub(crate) mod callback;
mod claims;
mod client_auth;
pub(crate) mod device;
pub(crate) mod device_code;
mod exchange;
mod failure;
mod form;
mod jwt;
#[cfg(feature = "interactive")]
mod loopback;
mod peer;
pub(crate) mod pkce;
mod record;
mod response;
pub(crate) mod retry;
mod session;
mod shown;
#[cfg(feature = "certificates")]
mod signed_jwt;
mod skew;
mod transport;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret, SecretString};

pub use account::Account;
pub(crate) use account::check_nonce;
pub use callback::{Prompt, ResponseMode};
pub(crate) use claims::requested_claims;
pub(crate) use client_auth::ClientAuth;
pub use client_auth::{AssertionRequest, AssertionSource};
pub use device_code::DeviceCode;
pub(crate) use exchange::{Exchange, MAX_ANSWER, MAX_ERROR_ANSWER, OAuthClient, host};
pub(crate) use form::Form;
pub(crate) use jwt::checked as checked_jwt;
#[cfg(feature = "interactive")]
pub(crate) use loopback::Place;
pub(crate) use peer::{Peer, scope_with};
pub(crate) use response::{TokenAnswer, without_mark};
pub(crate) use session::{Nobody, Session, SessionSource, SignIn};
pub(crate) use shown::scrub;
#[cfg(feature = "certificates")]
pub(crate) use signed_jwt::{Algorithm, signed};
pub(crate) use transport::{from_body, from_transport};
#[cfg(feature = "_fuzzing")]
pub(crate) use {
    failure::from_answer,
    loopback::{Expected, connection},
    record::Record,
    response::token,
};

/// Whether a text that somebody sent is the secret, told in a time that does
/// not depend on where they differ.
fn same(said: &str, secret: &SecretString) -> bool {
    verify_slices_are_equal(said.as_bytes(), secret.expose_secret().as_bytes()).is_ok()
}
