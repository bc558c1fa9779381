//! OAuth 2.0 (RFC 6749) as every grant needs it: one form, one exchange with
//! the token endpoint, one decoder.
//!
//! A grant fills a [`Form`] and hands it to [`OAuthClient::exchange`], which adds
//! the client's proof. What a grant needs besides gets a file here if it is
//! OAuth's own. It must not know any identity service: no authority, tenant or
//! AADSTS code, with the one exception that `exchange` names.

mod claims;
mod client_auth;
mod exchange;
mod failure;
mod form;
mod response;
pub(crate) mod retry;
mod skew;

pub(crate) use claims::requested_claims;
pub(crate) use client_auth::ClientAuth;
pub use client_auth::{AssertionRequest, AssertionSource};
pub(crate) use exchange::{Exchange, MAX_ANSWER, MAX_ERROR_ANSWER, OAuthClient, host};
pub(crate) use failure::{from_transport, scrub};
pub(crate) use form::Form;
pub(crate) use response::TokenAnswer;
