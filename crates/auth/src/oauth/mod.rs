//! OAuth 2.0 (RFC 6749) as every grant needs it: one form, one exchange with
//! the token endpoint, one decoder.
//!
//! A grant fills a [`Form`] and hands it to [`TokenEndpoint::exchange`]. What a
//! further grant needs (PKCE, device polling, a loopback redirect) gets a file
//! here if it is OAuth's own. It must not know any identity service: no
//! authority, tenant or AADSTS code.

mod claims;
mod exchange;
mod failure;
mod form;
mod response;
mod retry;

pub(crate) use claims::requested_claims;
pub(crate) use exchange::{Exchange, TokenEndpoint};
pub(crate) use form::Form;
