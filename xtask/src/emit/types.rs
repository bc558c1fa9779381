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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(schema: Value) -> Option<String> {
        of(&schema, &quote!(types)).map(|tokens| tokens.to_string().replace(' ', ""))
    }

    #[test]
    fn schemas_have_rust_types() {
        let component = json!({"$ref": "#/components/schemas/a_thing"});
        for (schema, expected) in [
            (component.clone(), "types::AThing"),
            (json!({"description": "d", "allOf": [component]}), "types::AThing"),
            (json!({"type": "integer", "format": "int32"}), "i32"),
            (json!({"type": "integer"}), "i64"),
            (json!({"type": "number"}), "f64"),
            (json!({"type": "boolean"}), "bool"),
            (json!({"type": "string", "format": "crate::Thing"}), "crate::Thing"),
            (
                json!({"type": "array", "items": {"type": "string"}}),
                "::std::vec::Vec<::std::string::String>",
            ),
            (
                json!({"type": "object", "additionalProperties": {"type": "boolean"}}),
                "::std::collections::BTreeMap<::std::string::String,Option<bool>>",
            ),
        ] {
            assert_eq!(named(schema).as_deref(), Some(expected));
        }
        for nameless in [json!({}), json!({"type": "object", "properties": {}})] {
            assert_eq!(named(nameless), None);
        }
    }
}
