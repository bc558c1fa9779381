//! The hand-written part of the iTwin client against the emulator, over TCP:
//! what programs do, from who they are to what they wait for.

mod answers;
mod broken;
mod copies;
mod elsewhere;
mod files;
mod imodels;
mod lists;
mod locks;
mod members;
mod offboarding;
mod onboarding;
mod parallel;
mod reality_data;
mod refusals;
mod support;
mod waits;
mod webhooks;
mod whoami;
