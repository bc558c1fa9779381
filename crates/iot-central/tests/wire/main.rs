//! The hand-written part of the client over TCP, against a server that answers
//! by script: what is sent, in which order, and what comes of the answers.

#![cfg(test)]

mod api_tokens;
mod commands;
mod devices;
mod jobs;
mod offboarding;
mod onboarding;
mod proof;
mod support;
mod travel;
