//! The cache's rules, one test or more each (named `rule_NN_...`), and the
//! measured defects that ours must not have (`defect_X_...`). Time is paused:
//! nothing sleeps for real.

mod bounds;
mod claims;
mod defects;
mod failures;
mod flights;
mod refresh;
mod support;
