//! The gates, in the order in which they are asked: quick ones first.

use std::process::Command;
use std::time::SystemTime;

use super::metadata::Metadata;
use super::tool::Tool;
use super::{Verdict, cargo, msrv, output, public_api, succeeds};
use crate::{catalogue, stdout};

/// One thing that must hold.
pub(super) struct Gate {
    /// As `--only` takes it.
    pub(super) name: &'static str,
    /// What it asks, in a few words.
    pub(super) what: &'static str,
    /// What it needs beside cargo.
    pub(super) tool: Option<Tool>,
    /// Asks; whether listings are to be written is of one gate's interest only.
    pub(super) ask: fn(bool) -> anyhow::Result<Verdict>,
}

const HACK: Tool = Tool { name: "cargo-hack", subcommand: "hack" };
const MINIMAL: Tool = Tool { name: "cargo-minimal-versions", subcommand: "minimal-versions" };
const PUBLIC_API: Tool = Tool { name: "cargo-public-api", subcommand: "public-api" };
const SEMVER: Tool = Tool { name: "cargo-semver-checks", subcommand: "semver-checks" };

pub(super) const GATES: &[Gate] = &[
    Gate {
        name: "msrv",
        what: "the stated Rust version is enough for all dependencies",
        tool: None,
        ask: |_| msrv::ask(),
    },
    Gate {
        name: "docs",
        what: "the documentation builds as docs.rs builds it",
        tool: None,
        ask: |_| docs(),
    },
    Gate {
        name: "public-api",
        what: "the public API is the one that was reviewed, in api/",
        tool: Some(PUBLIC_API),
        ask: public_api::ask,
    },
    Gate {
        name: "semver",
        what: "nothing breaks against the last release",
        tool: Some(SEMVER),
        ask: |_| semver(),
    },
    Gate {
        name: "minimal-versions",
        what: "the lowest versions that the manifests permit will do",
        tool: Some(MINIMAL),
        ask: |_| minimal_versions(),
    },
    Gate {
        name: "features",
        what: "every pair of features builds without a warning, and all, and none",
        tool: Some(HACK),
        ask: |_| features(),
    },
    Gate {
        name: "publish",
        what: "the packages are complete, and build from what is in them",
        tool: None,
        ask: |_| publish(),
    },
];

fn docs() -> anyhow::Result<Verdict> {
    let (metadata, mut doc) = (Metadata::read()?, cargo());
    // A folder of its own: with the variable below, much else is built anew.
    doc.args(["doc", "--no-deps", "--all-features", "--target-dir"]);
    doc.arg(metadata.target_directory.join("docs-rs"));
    for package in metadata.published().filter(|it| it.is_library()) {
        doc.args(["--package", &package.name]);
    }
    // docs.rs has a nightly, for the labels that tell an item's feature.
    doc.env("RUSTC_BOOTSTRAP", "1").env("RUSTDOCFLAGS", "--cfg docsrs -D warnings");
    Ok(verdict(succeeds(&mut doc)?, "with the labels of features"))
}

/// The tag of the last release.
fn last_release() -> anyhow::Result<Option<String>> {
    let mut git = Command::new("git");
    git.current_dir(catalogue::root());
    git.args(["tag", "--list", "v*", "--sort=-version:refname", "--merged", "HEAD"]);
    Ok(output(&mut git)?.lines().next().map(str::to_owned))
}

fn semver() -> anyhow::Result<Verdict> {
    let Some(tag) = last_release()? else {
        let message = "there is no tag v*: the first release has nothing to be compared with";
        stdout::line(message)?;
        return Ok(Verdict::Holds(message.to_owned()));
    };
    let mut check = cargo();
    check.args(["semver-checks", "--workspace", "--all-features", "--baseline-rev", &tag]);
    Ok(verdict(succeeds(&mut check)?, &format!("against {tag}")))
}

fn minimal_versions() -> anyhow::Result<Verdict> {
    let mut check = cargo();
    check.args(["minimal-versions", "check", "--direct", "--workspace", "--all-features"]);
    for package in Metadata::read()?.kept() {
        check.args(["--exclude", &package.name]);
    }
    Ok(verdict(succeeds(&mut check)?, "direct dependencies, all features"))
}

/// How the sets of a package's features are kept few.
struct Sets {
    package: &'static str,
    /// Features that go together, or are a sum of others.
    grouped: &'static [&'static str],
    left_out: &'static str,
}

const SETS: &[Sets] = &[
    Sets { package: "twinkit-auth", grouped: &[], left_out: "default,_fuzzing" },
    Sets { package: "twinkit-iot-central", grouped: &[], left_out: "default,_fuzzing" },
    Sets { package: "twinkit-itwin", grouped: &[], left_out: "default,full" },
    // It passes features on; what they do is asked of the packages that have them.
    Sets {
        package: "twinkit",
        grouped: &[
            "certificates,developer-tools,interactive,file-store,keyring,azure-core",
            "iot-central-preview,iot-central-archive",
            "itwin-imodels,itwin-storage,itwin-reality-management,itwin-webhooks",
        ],
        left_out: "default,itwin-full",
    },
];

fn features() -> anyhow::Result<Verdict> {
    for Sets { package, grouped, left_out } in SETS {
        let mut hack = cargo();
        hack.args(["hack", "clippy", "--package", package, "--feature-powerset"]);
        hack.args(["--depth", "2", "--exclude-features", left_out]);
        for group in *grouped {
            hack.args(["--group-features", group]);
        }
        if !succeeds(hack.args(["--", "-D", "warnings"]))? {
            return Ok(Verdict::Fails(format!("of {package}, the set named above")));
        }
    }
    let packages: Vec<_> = SETS.iter().map(|sets| sets.package).collect();
    Ok(Verdict::Holds(packages.join(", ")))
}

fn publish() -> anyhow::Result<Verdict> {
    let folder = Metadata::read()?.target_directory.join("publish");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    // A name that was never used: cargo knows packages by their folder and version, and
    // takes what it has of the same version for this, also from its own home.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let folder = folder.join(now.as_nanos().to_string());
    let mut publish = cargo();
    publish.args(["publish", "--workspace", "--dry-run", "--target-dir"]).arg(&folder);
    Ok(verdict(succeeds(&mut publish)?, "nothing was uploaded"))
}

fn verdict(holds: bool, more: &str) -> Verdict {
    if holds { Verdict::Holds(more.to_owned()) } else { Verdict::Fails("see above".to_owned()) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn features_of(package: &str) -> BTreeSet<String> {
        let folder = package.strip_prefix("twinkit-").unwrap_or(package);
        let path = catalogue::root().join("crates").join(folder).join("Cargo.toml");
        let manifest: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let features = manifest.get("features").and_then(toml::Value::as_table);
        features.into_iter().flat_map(toml::Table::keys).cloned().collect()
    }

    /// A feature that was renamed would fall out of its group without a word.
    #[test]
    fn the_sets_name_features_that_there_are() {
        for Sets { package, grouped, left_out } in SETS {
            let known = features_of(package);
            let named = grouped.iter().chain([left_out]).flat_map(|names| names.split(','));
            for name in named {
                // Every package has this one, whether or not it says so.
                assert!(known.contains(name) || name == "default", "{package}: {name}");
            }
        }
    }

    #[test]
    fn every_package_with_features_is_asked() {
        let crates = std::fs::read_dir(catalogue::root().join("crates")).unwrap();
        for folder in crates {
            let folder = folder.unwrap().file_name().into_string().unwrap();
            let name = if folder == "twinkit" { folder } else { format!("twinkit-{folder}") };
            let is_asked = SETS.iter().any(|sets| sets.package == name);
            // What begins with `_` is for this repository's own targets.
            let has_features = features_of(&name).iter().any(|name| !name.starts_with('_'));
            assert_eq!(is_asked, has_features, "{name}");
        }
    }
}
