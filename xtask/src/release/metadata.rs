//! What cargo says of the workspace: its packages, and what they depend on.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

use anyhow::Context as _;
use serde::Deserialize;

use super::{cargo, output};

/// The workspace with all that it depends on, all features on.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    packages: Vec<Package>,
    workspace_members: HashSet<String>,
    /// Where builds go.
    pub(super) target_directory: PathBuf,
    resolve: Resolve,
}

/// A package, of the workspace or not.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    id: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) rust_version: Option<String>,
    /// Where it may be published; nowhere if empty.
    publish: Option<Vec<String>>,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Debug, Deserialize)]
struct DependencyKind {
    /// `dev` or `build`; nothing for the usual kind.
    kind: Option<String>,
}

impl Metadata {
    /// Asks cargo.
    pub(super) fn read() -> anyhow::Result<Self> {
        let text = output(cargo().args(["metadata", "--all-features", "--format-version", "1"]))?;
        serde_json::from_str(&text).context("the output of cargo metadata")
    }

    /// The packages of the workspace that are published.
    pub(super) fn published(&self) -> impl Iterator<Item = &Package> {
        let packages = self.packages.iter();
        packages.filter(|it| self.workspace_members.contains(&it.id) && it.is_published())
    }

    /// Those of the workspace that are not.
    pub(super) fn kept(&self) -> impl Iterator<Item = &Package> {
        let packages = self.packages.iter();
        packages.filter(|it| self.workspace_members.contains(&it.id) && !it.is_published())
    }

    /// What the published packages are built with, themselves left out; what only tests
    /// need is not.
    pub(super) fn dependencies(&self) -> Vec<&Package> {
        let nodes: HashMap<&str, &Node> =
            self.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut waiting: Vec<&str> = self.published().map(|it| it.id.as_str()).collect();
        let mut found = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            if !found.insert(id) {
                continue;
            }
            let of_node = nodes.get(id).map(|node| node.deps.as_slice()).unwrap_or_default();
            let is_built = |it: &&Dependency| {
                it.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev"))
            };
            waiting.extend(of_node.iter().filter(is_built).map(|it| it.pkg.as_str()));
        }
        let is_foreign = |it: &&Package| {
            found.contains(it.id.as_str()) && !self.workspace_members.contains(&it.id)
        };
        self.packages.iter().filter(is_foreign).collect()
    }
}

impl Package {
    fn is_published(&self) -> bool {
        self.publish.as_ref().is_none_or(|places| !places.is_empty())
    }

    /// Whether it is a library, which has a public API.
    pub(super) fn is_library(&self) -> bool {
        self.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "lib"))
    }
}
