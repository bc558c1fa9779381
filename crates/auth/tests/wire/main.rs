//! What goes over the wire, against a scripted server on real TCP.

mod authorizers;
mod canary;
mod client_secret;
mod defects;
mod support;
