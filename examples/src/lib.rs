//! What the example programs share: which platform to work on, how an error is
//! shown, a person to try things with. The programs themselves are under `bin/`,
//! each of which begins with what it shows and how to run it.
//!
//! Everything here is for examples: a program of your own has one platform and needs
//! none of it.

pub mod ending;
pub mod person;
pub mod platform;
