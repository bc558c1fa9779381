//! The private parsers, for the fuzz targets only (`tests/fuzzed`): behind the
//! feature `_fuzzing`, and no part of the interface.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode, Url};
use serde::de::DeserializeOwned;

use crate::{Context, Error, RetryPolicy, decode, pipeline, signed};

pub fn error_answer(status: StatusCode, headers: HeaderMap, body: Bytes) -> Error {
    Error::from_answer(status, headers, body)
}

pub fn decoded<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Error> {
    decode::from_body(headers, body)
}

pub fn next_link(context: &Context, link: &str) -> Result<Url, Error> {
    context.own_link(link)
}

pub fn redirect(context: &Context, from: &Url, answer: &Response) -> Result<Url, Error> {
    pipeline::redirect_target(context.origin(), from, answer)
}

pub fn wait(policy: &RetryPolicy, asked: Option<Duration>) -> Option<Duration> {
    policy.wait(0, asked, 1.0)
}

/// First byte, the one behind the last, and how many there are in all.
pub fn content_range(text: &str) -> Option<(u64, u64, Option<u64>)> {
    signed::content_range(text).map(|part| (part.from, part.end, part.total))
}
