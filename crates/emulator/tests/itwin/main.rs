//! The iTwin platform over TCP: what it answers, to whom.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected is to fail"
)]

mod access;
mod control;
mod expected_errors;
mod exports;
mod groups;
mod image;
mod imodels;
mod imodels_baseline;
mod imodels_briefcases;
mod imodels_changesets;
mod imodels_checkpoints;
mod imodels_copies;
mod imodels_expected_errors;
mod imodels_extended_data;
mod imodels_groups;
mod imodels_lists;
mod imodels_locks;
mod imodels_marks;
mod imodels_named_versions;
mod imodels_permissions;
mod imodels_shares;
mod imodels_support;
mod imodels_thumbnail;
mod imodels_users;
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
mod webhooks;
