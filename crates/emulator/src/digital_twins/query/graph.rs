//! What the query engine may see of an instance: a read view with indexes.
//!
//! The store implements [`Graph`]; the engine knows nothing else of it. Every
//! list has a fixed order and can be entered in the middle, so that a page of
//! a query starts where the last one ended without walking there again.

use serde_json::Value;

/// A list of twins, each with its id.
pub type Twins<'g> = Box<dyn Iterator<Item = Twin<'g>> + 'g>;

/// A list of relationships.
pub type Relationships<'g> = Box<dyn Iterator<Item = Relationship<'g>> + 'g>;

/// A twin as a query sees it.
#[derive(Clone, Copy, Debug)]
pub struct Twin<'g> {
    /// `$dtId`.
    pub id: &'g str,
    /// The whole document, `$`-members included, as `GET` would answer it.
    pub document: &'g Value,
}

/// A relationship as a query sees it.
#[derive(Clone, Copy, Debug)]
pub struct Relationship<'g> {
    /// `$sourceId`.
    pub source: &'g str,
    /// `$relationshipId`, unique under its source only.
    pub id: &'g str,
    /// `$relationshipName`.
    pub name: &'g str,
    /// `$targetId`.
    pub target: &'g str,
    /// The whole document, `$`-members included, as `GET` would answer it.
    pub document: &'g Value,
}

/// A place in the relationships of one twin, which are ordered by name, then
/// source, then id. The relationship itself need not exist any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelationshipKey<'k> {
    /// `$relationshipName`.
    pub name: &'k str,
    /// `$sourceId`.
    pub source: &'k str,
    /// `$relationshipId`.
    pub id: &'k str,
}

/// The read view of an instance. Every `from` is inclusive: the list starts at
/// the first element that does not come before it.
pub trait Graph {
    /// The twin with this id.
    fn twin(&self, id: &str) -> Option<Twin<'_>>;

    /// All twins, ordered by id.
    fn twins(&self, from: Option<&str>) -> Twins<'_>;

    /// How many twins there are; answered without walking them.
    fn twin_count(&self) -> usize;

    /// The twins of a model, ordered by id; those of the models that extend it
    /// too unless `exact`. An unknown model has none.
    fn twins_of_model(&self, model: &str, exact: bool, from: Option<&str>) -> Twins<'_>;

    /// How many twins [`Graph::twins_of_model`] would list.
    fn twin_count_of_model(&self, model: &str, exact: bool) -> usize;

    /// Whether `model` is `base` or extends it, directly or not. A model whose
    /// definition is gone is only itself.
    fn is_a(&self, model: &str, base: &str) -> bool;

    /// The relationships that start at this twin, ordered as
    /// [`RelationshipKey`] says, only those of one name if given.
    fn outgoing(
        &self,
        twin: &str,
        name: Option<&str>,
        from: Option<RelationshipKey<'_>>,
    ) -> Relationships<'_>;

    /// The relationships that end at this twin, ordered as
    /// [`RelationshipKey`] says, only those of one name if given.
    fn incoming(
        &self,
        twin: &str,
        name: Option<&str>,
        from: Option<RelationshipKey<'_>>,
    ) -> Relationships<'_>;

    /// All relationships, ordered by source, then id; `from` is such a pair.
    fn relationships(&self, from: Option<(&str, &str)>) -> Relationships<'_>;

    /// How many relationships there are; answered without walking them.
    fn relationship_count(&self) -> usize;
}
