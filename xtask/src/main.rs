//! The program of [`xtask`].

fn main() -> anyhow::Result<std::process::ExitCode> {
    xtask::run()
}
