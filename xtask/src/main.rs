//! Regenerates the clients from the OpenAPI documents.
fn main() {}
