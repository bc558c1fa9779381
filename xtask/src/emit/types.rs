//! The Rust type of a lowered schema, for code that we write ourselves.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::names::pascal;
use crate::openapi::{list, schema_reference, text};

/// The type; `None` for a schema that has none without a name. `types` is the
/// module with the generated types.
pub(super) fn of(schema: &Value, types: &TokenStream) -> Option<TokenStream> {
    let lone = || match list(schema, "allOf") {
        [only] => schema_reference(only),
        _ => None,
    };
    if let Some(name) = schema_reference(schema).or_else(lone) {
        let name = format_ident!("{}", pascal(name));
        return Some(quote!(#types::#name));
    }
    let format = text(schema, "format");
    Some(match text(schema, "type") {
        "array" => {
            let items = of(schema.get("items")?, types)?;
            quote!(::std::vec::Vec<#items>)
        }
        "object" => {
            let values = schema.get("additionalProperties")?;
            // In a patch null takes an entry away.
            let values = of(values, types)?;
            quote!(::std::collections::BTreeMap<::std::string::String, Option<#values>>)
        }
        "integer" if format == "int32" => quote!(i32),
        "integer" => quote!(i64),
        "number" => quote!(f64),
        "boolean" => quote!(bool),
        "string" if format.contains("::") => format.parse().ok()?,
        "string" => quote!(::std::string::String),
        _ => return None,
    })
}
