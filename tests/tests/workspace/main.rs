//! The tests of the workspace as a whole, in one binary so that it is linked
//! once. What they share is in the library beside them.

#![cfg(test)]

mod archive;
mod bad_input;
mod calls;
mod chaos;
mod conditions;
mod contract;
mod coverage;
mod decode;
mod demo;
mod fault_matrix;
mod faults;
mod hostile;
mod http2;
mod input;
mod iot_central;
mod iot_central_commands;
mod itwin;
mod itwin_client;
mod itwin_commands;
mod itwin_samples;
mod jobs;
mod large_file;
mod load;
mod machine;
mod program;
mod query;
mod readme;
mod restart;
// Reads of processes what Linux tells.
#[cfg(target_os = "linux")]
mod running;
mod sign_in;
mod sign_in_commands;
// Reads of processes what Linux tells.
#[cfg(target_os = "linux")]
mod stalled;
mod support;
mod unread;
mod upload;
