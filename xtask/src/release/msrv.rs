//! The gate of the minimum Rust version: what the manifests state against what the
//! dependencies state, and a build with that version where it is installed.

use std::process::{Command, Stdio};

use anyhow::bail;

use super::metadata::{Metadata, Package};
use super::{Verdict, succeeds};
use crate::{catalogue, stdout};

/// A version of Rust, as manifests write it.
type Version = (u64, u64, u64);

pub(super) fn ask() -> anyhow::Result<Verdict> {
    let metadata = Metadata::read()?;
    let stated = stated(&metadata)?;
    let dependencies = metadata.dependencies();
    let asks = |package: &&Package| package.rust_version.as_deref().and_then(version);
    let newer: Vec<String> = dependencies
        .iter()
        .filter(|package| asks(package) > version(&stated))
        .map(|package| needs(package))
        .collect();
    if !newer.is_empty() {
        let newer = newer.join(", ");
        return Ok(Verdict::Fails(format!("rust-version {stated} is not enough for {newer}")));
    }
    let highest = dependencies.iter().filter_map(asks).max();
    let forced: Vec<String> = dependencies
        .iter()
        .filter(|package| asks(package) == highest)
        .map(|package| needs(package))
        .collect();
    let silent = dependencies.iter().filter(|package| package.rust_version.is_none()).count();
    stdout::line(format_args!(
        "{} dependencies, {silent} of which state no version",
        dependencies.len()
    ))?;
    stdout::line(format_args!("the highest is forced by {}", forced.join(", ")))?;
    built(&metadata, &stated)
}

/// Builds with the version itself, if it is here.
fn built(metadata: &Metadata, stated: &str) -> anyhow::Result<Verdict> {
    let toolchain = format!("+{stated}");
    let mut look = Command::new("rustc");
    look.args([&toolchain, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    // Asked for with a version that is not here, the tool would fetch it.
    look.env("RUSTUP_AUTO_INSTALL", "0").env_remove("RUSTUP_TOOLCHAIN");
    if !look.status().is_ok_and(|status| status.success()) {
        return Ok(Verdict::Holds(format!(
            "{stated}, as far as dependencies state theirs; NOT PROVEN by a build: install it by \
             `rustup toolchain install {stated}`"
        )));
    }
    // Through the proxy, which knows versions; `cargo` of a version does not.
    let mut check = Command::new("cargo");
    check.current_dir(catalogue::root()).env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC");
    check.args([&toolchain, "check", "--all-features"]);
    for package in metadata.published() {
        check.args(["--package", &package.name]);
    }
    Ok(match succeeds(&mut check)? {
        true => Verdict::Holds(format!("{stated}, and it builds")),
        false => Verdict::Fails(format!("it does not build with {stated}")),
    })
}

/// The one version that all published packages state.
fn stated(metadata: &Metadata) -> anyhow::Result<String> {
    let mut stated: Vec<_> = metadata.published().map(|it| it.rust_version.as_deref()).collect();
    stated.sort_unstable();
    stated.dedup();
    match stated.as_slice() {
        [Some(one)] => Ok((*one).to_owned()),
        other => bail!("the packages do not state one rust-version: {other:?}"),
    }
}

fn needs(package: &Package) -> String {
    let Package { name, version, rust_version, .. } = package;
    format!("{name} {version} ({})", rust_version.as_deref().unwrap_or("?"))
}

fn version(text: &str) -> Option<Version> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    let mut part = || parts.next().unwrap_or(Some(0));
    Some((part()?, part()?, part()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert_eq!(version("1.89"), Some((1, 89, 0)));
        assert!(version("1.100") > version("1.89.2"));
        assert_eq!(version("nightly"), None);
    }
}
