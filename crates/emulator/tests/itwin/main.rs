//! The iTwin platform over TCP: what it answers, to whom.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected is to fail"
)]

mod access;
mod control;
mod expected_errors;
mod exports;
mod groups;
mod image;
mod invitations;
mod itwins;
mod jobs;
mod lists;
mod marks;
mod members;
mod protocol;
mod reality_management;
mod repositories;
mod roles;
mod shares;
mod storage;
mod support;
mod users;
