//! The HTTP ground that twinkit's auth and runtime crates share
