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
mod jwt;
mod response;
mod retry;
#[cfg(feature = "certificates")]
mod signed_jwt;
mod skew;

pub(crate) use claims::requested_claims;
pub(crate) use client_auth::ClientAuth;
pub use client_auth::{AssertionRequest, AssertionSource};
pub(crate) use exchange::{Exchange, MAX_ANSWER, MAX_ERROR_ANSWER, OAuthClient, host};
pub(crate) use failure::{from_body, from_transport, scrub};
pub(crate) use form::Form;
pub(crate) use jwt::checked as checked_jwt;
pub(crate) use response::TokenAnswer;
#[cfg(feature = "certificates")]
pub(crate) use signed_jwt::{Algorithm, signed};
#[cfg(fuzzing)]
pub(crate) use {failure::from_answer, response::token};
