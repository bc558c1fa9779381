//! The twinkit command line.
fn main() {}
