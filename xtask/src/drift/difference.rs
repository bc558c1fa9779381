//! What a difference is: its kind, how much it weighs, and what each side says.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::location::Location;

/// The kinds of difference. "Only in spec" is what our document has and the
/// vendor's lacks; "only at vendor" the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Another version of the API.
    VersionChanged,
    /// An operation the vendor does not publish (any more).
    OperationOnlyInSpec,
    /// An operation we do not have (yet).
    OperationOnlyAtVendor,
    /// Same method and path, another vendor id.
    OperationRenamed,
    /// The operation moved to another method.
    MethodChanged,
    /// The operation moved to another path.
    PathChanged,
    /// A parameter the vendor does not have.
    ParameterOnlyInSpec,
    /// A parameter we do not have.
    ParameterOnlyAtVendor,
    /// A parameter under another name.
    ParameterRenamed,
    /// A parameter that travels elsewhere (query, header...).
    ParameterMoved,
    /// A parameter required on one side only.
    ParameterRequired,
    /// A list parameter written in another way.
    ParameterStyle,
    /// A request body the vendor does not take.
    BodyOnlyInSpec,
    /// A request body we do not send.
    BodyOnlyAtVendor,
    /// A body required on one side only.
    BodyRequired,
    /// A media type only we name.
    MediaTypeOnlyInSpec,
    /// A media type only the vendor names.
    MediaTypeOnlyAtVendor,
    /// One media type in place of another.
    MediaTypeChanged,
    /// A status only we name.
    StatusOnlyInSpec,
    /// A status only the vendor names.
    StatusOnlyAtVendor,
    /// The status of a class (2xx...) is another one.
    StatusChanged,
    /// An answer with content in our document only.
    ContentOnlyInSpec,
    /// An answer with content in the vendor's document only.
    ContentOnlyAtVendor,
    /// A response header only we name.
    HeaderOnlyInSpec,
    /// A response header only the vendor names.
    HeaderOnlyAtVendor,
    /// A named schema only we have.
    SchemaOnlyInSpec,
    /// A named schema only the vendor has.
    SchemaOnlyAtVendor,
    /// The same schema under another name.
    SchemaRenamed,
    /// We describe what the vendor leaves as a bare object.
    ShapeOnlyInSpec,
    /// The vendor describes what we leave as a bare object.
    ShapeOnlyAtVendor,
    /// A property only we have.
    PropertyOnlyInSpec,
    /// A property only the vendor has.
    PropertyOnlyAtVendor,
    /// A property under another name.
    PropertyRenamed,
    /// A property required on one side only.
    PropertyRequired,
    /// Another type.
    TypeChanged,
    /// Another format.
    FormatChanged,
    /// Read-only on one side only.
    ReadOnlyChanged,
    /// `null` allowed on one side only.
    NullableChanged,
    /// A limit on values (`maxItems`, `pattern`...) is another one, or on one side only.
    LimitChanged,
    /// Deprecated on one side only.
    DeprecatedChanged,
    /// Members beyond the named ones are treated differently.
    AdditionalPropertiesChanged,
    /// A base schema (`allOf`) on our side only.
    BaseOnlyInSpec,
    /// A base schema (`allOf`) on the vendor's side only.
    BaseOnlyAtVendor,
    /// A variant (`oneOf`, `anyOf`) on our side only.
    VariantOnlyInSpec,
    /// A variant (`oneOf`, `anyOf`) on the vendor's side only.
    VariantOnlyAtVendor,
    /// A kind, by the value that names it (`discriminator`), on our side only.
    DiscriminatorValueOnlyInSpec,
    /// A kind, by the value that names it (`discriminator`), on the vendor's side only.
    DiscriminatorValueOnlyAtVendor,
    /// Another property tells the variants apart.
    DiscriminatorChanged,
    /// Values are listed on our side only.
    EnumOnlyInSpec,
    /// Values are listed on the vendor's side only.
    EnumOnlyAtVendor,
    /// An enum value only we have.
    EnumValueOnlyInSpec,
    /// An enum value only the vendor has.
    EnumValueOnlyAtVendor,
}

impl Kind {
    /// What users of our client would feel if the spec followed the vendor here.
    pub fn weight(self) -> Weight {
        match self {
            Self::OperationOnlyAtVendor
            | Self::ParameterOnlyAtVendor
            | Self::MediaTypeOnlyAtVendor
            | Self::StatusOnlyAtVendor
            | Self::HeaderOnlyAtVendor
            | Self::SchemaOnlyAtVendor
            | Self::ShapeOnlyAtVendor
            | Self::PropertyOnlyAtVendor
            | Self::VariantOnlyAtVendor
            | Self::DiscriminatorValueOnlyAtVendor
            | Self::EnumValueOnlyAtVendor
            | Self::DeprecatedChanged => Weight::Minor,
            _ => Weight::Breaking,
        }
    }

    /// The name used in reports and in `accepted-drift.toml`.
    pub fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// How much a change weighs for the users of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Nothing changed that a program could notice.
    Patch,
    /// Something was added.
    Minor,
    /// Something that worked may stop working.
    Breaking,
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Breaking => "breaking",
        })
    }
}

/// One difference between our spec and the vendor's file.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// What kind.
    pub kind: Kind,
    /// Where.
    pub location: Location,
    /// What our spec says.
    pub ours: Option<String>,
    /// What the vendor says.
    pub vendor: Option<String>,
    /// Further places with the very same cause (a shared definition).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_at: Vec<Location>,
    /// Pointer of the definition that causes it; equal causes are told once.
    #[serde(skip)]
    pub cause: String,
    /// What must be alike for two halves to be one rename.
    #[serde(skip)]
    pub half: Option<Half>,
    /// Whether the vendor's side is required, so that adding it breaks callers.
    #[serde(skip)]
    pub required: bool,
}

impl Difference {
    /// A difference with what every one has.
    pub fn new(
        kind: Kind,
        location: Location,
        ours: Option<String>,
        vendor: Option<String>,
    ) -> Self {
        Self {
            kind,
            location,
            ours,
            vendor,
            also_at: Vec::new(),
            cause: String::new(),
            half: None,
            required: false,
        }
    }

    /// The same as one half of what may be a rename.
    pub fn with_half(mut self, shape: String, position: usize) -> Self {
        self.half = Some(Half { shape, position });
        self
    }

    /// The same, of something the vendor requires or not.
    pub fn with_required(mut self, required: bool) -> Self {
        self.required = required;
        self
    }

    /// What following the vendor here would mean for users of the client.
    pub fn weight(&self) -> Weight {
        if self.required { Weight::Breaking } else { self.kind.weight() }
    }
}

/// What a parameter or property that exists on one side only looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Half {
    /// Its type, as far as a rename keeps it.
    pub shape: String,
    /// Its place among its siblings, where that counts.
    pub position: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_go_by_their_kebab_names() {
        assert_eq!(Kind::EnumValueOnlyAtVendor.name(), "enum-value-only-at-vendor");
        assert_eq!(Kind::StatusChanged.weight(), Weight::Breaking);
        assert_eq!(Kind::PropertyOnlyAtVendor.weight(), Weight::Minor);
    }
}
