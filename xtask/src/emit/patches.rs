//! `patches.rs`: merge patches, whose members tell absent, null and a value
//! apart.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::{Input, client, types};
use crate::document::Problem;
use crate::names::{pascal, snake};
use crate::normalise::Patch;
use crate::openapi::text;

/// Emits the file.
///
/// # Errors
/// A member whose type has no name.
pub(super) fn emit(input: &Input<'_>) -> Result<TokenStream, Problem> {
    let patches =
        input.lowering.patches.iter().map(|patch| one(input, patch)).collect::<Result<Vec<_>, _>>();
    let patches = patches?;
    Ok(quote! {
        use ::progenitor_client::Change;

        use super::client::types;

        #(#patches)*
    })
}

fn one(input: &Input<'_>, patch: &Patch) -> Result<TokenStream, Problem> {
    let name = format_ident!("{}", pascal(&patch.name));
    let about = client::doc(&format!(
        "What to change: {}\n\nWhat is not set stays as it is; `Change::Remove` or `None` takes a \
         member away.",
        patch.description,
    ));
    let mut fields = Vec::new();
    let mut setters = Vec::new();
    for (wire, schema) in &patch.members {
        let kind = types::of(schema, &quote!(types)).ok_or_else(|| {
            input.document.problem(
                format!("/components/schemas/{}", patch.name.trim_end_matches("Patch")),
                format!("the type of the member `{wire}` has no name in a patch"),
                "make it a component of its own",
            )
        })?;
        let field = format_ident!("{}", snake(wire));
        let docs = client::doc(&docs(schema));
        let rename = (snake(wire) != *wire).then(|| quote!(rename = #wire,));
        fields.push(quote! {
            #(#docs)*
            #[serde(#rename skip_serializing_if = "Change::is_keep")]
            pub #field: Change<#kind>,
        });
        setters.push(quote! {
            #(#docs)*
            #[must_use]
            pub fn #field(mut self, value: impl Into<Change<#kind>>) -> Self {
                self.#field = value.into();
                self
            }
        });
    }
    Ok(quote! {
        #(#about)*
        #[derive(Clone, Debug, Default, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct #name {
            #(#fields)*
        }

        impl #name {
            /// Changes nothing yet.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            #(#setters)*
        }
    })
}

fn docs(schema: &Value) -> String {
    match text(schema, "description") {
        "" => "See the resource.".to_owned(),
        description => description.to_owned(),
    }
}
