//! A large file goes up and down in constant memory. `TWINKIT_TRANSFER_MIB` sets
//! its size, 64 without it; `cargo run --package twinkit-tests --bin transfer`
//! gives the figures for a gibibyte.

use std::path::Path;

use twinkit_tests::transfer;

const MEBIBYTE: u64 = 1024 * 1024;
/// What a client may take beside what it has before, whatever the size of the file:
/// less than the everyday file alone.
const MOST: u64 = 32 * MEBIBYTE;

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_clients_memory_does_not_grow_with_the_file() {
    let size = std::env::var("TWINKIT_TRANSFER_MIB").map_or(64, |text| text.parse().unwrap());
    let program = Path::new(env!("CARGO_BIN_EXE_transfer"));
    let figures = transfer::measured(program, size * MEBIBYTE, 4 * MEBIBYTE).await.unwrap();
    assert!(figures.client.growth() < MOST, "{figures:#?}");
}
