//! The data plane over its router: every operation's success and each of its
//! documented errors.

#![cfg(test)]

mod components;
mod dtdl;
mod event_routes;
mod events;
mod jobs;
mod models;
mod patches;
mod properties;
mod protocol;
mod queries;
mod relationships;
mod scale;
mod support;
mod twins;
mod wire;
