//! Who is calling, and what roles let them do.
//!
//! It knows users, API tokens and organizations, and no operation: those say
//! which [`Area`] they are in and whether they change anything.

pub(crate) mod api_token;
mod caller;
pub(super) mod role;

pub(super) use caller::{Caller, identify, organizations_of};
pub(super) use role::{Access, Area};

/// Audiences of the tokens that the data plane takes: its address, and its
/// application id as some sign-in libraries ask for it.
pub(crate) const AUDIENCES: [&str; 2] =
    ["https://apps.azureiotcentral.com", "9edfcdd9-0bc5-4bd4-b287-c3afc716aac7"];
