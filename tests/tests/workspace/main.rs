//! The tests of the workspace as a whole, in one binary so that it is linked
//! once. What they share is in the library beside them.

#![cfg(test)]

mod bad_input;
mod conditions;
mod contract;
mod coverage;
mod decode;
mod demo;
mod faults;
mod iot_central;
mod itwin;
mod itwin_samples;
mod jobs;
mod program;
mod query;
mod readme;
mod sign_in;
mod sign_in_commands;
mod support;
mod upload;
