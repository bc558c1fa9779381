//! Every way to sign in, from the credential over TCP to the emulator's identity
//! services and on to a call that the token opens.

mod applications;
mod browser;
mod certificates;
mod chain;
mod challenges;
mod device_code;
mod failures;
mod federated;
mod ims;
mod interactive;
mod managed_identity;
mod on_behalf_of;
mod refresh;
mod single_flight;
mod support;
mod web;
