//! What generated twinkit clients run on: pipeline, errors, pages, waits, patches
