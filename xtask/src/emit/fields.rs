//! What is told of the fields of the types inside `client.rs`: by their types, and by
//! what typify tells serde of them.

use quote::ToTokens;
use syn::{Field, GenericArgument, PathArguments, Type};

/// The type inside an `Option`.
pub(super) fn optional(kind: &Type) -> Option<&Type> {
    let Type::Path(path) = kind else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}

/// Whether it is the type of numbers with a fraction.
pub(super) fn is_number(kind: &Type) -> bool {
    code(kind) == "f64"
}

/// What the field's attributes tell serde, without blanks.
pub(super) fn serde_words(field: &Field) -> String {
    let told = field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde"));
    told.map(|attribute| attribute.to_token_stream().to_string().replace(' ', "")).collect()
}

/// Whether it is the type of any JSON.
pub(super) fn is_any_json(kind: &Type) -> bool {
    code(kind) == "::progenitor_client::Json"
}

/// The member's name on the wire.
pub(super) fn wire_name(field: &Field) -> String {
    wire_name_of(&serde_words(field)).unwrap_or_else(|| {
        field.ident.as_ref().map(|name| name.to_string().replace("r#", "")).unwrap_or_default()
    })
}

/// The name in a serde attribute, written without blanks.
fn wire_name_of(attribute: &str) -> Option<String> {
    let (_, after) = attribute.split_once("rename=\"")?;
    Some(after.split_once('"')?.0.to_owned())
}

fn code(kind: &Type) -> String {
    kind.to_token_stream().to_string().replace(' ', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_named_as_on_the_wire() {
        let item: syn::ItemStruct = syn::parse_str(
            "struct A {
                #[doc = \"rename = \\\"x\\\"\"]
                #[serde(rename = \"dE\", deserialize_with = \"y\")]
                d_e: ::std::option::Option<u8>,
                r#type: f64,
                any: ::std::option::Option<::progenitor_client::Json>,
            }",
        )
        .unwrap();
        let told: Vec<_> = item
            .fields
            .iter()
            .map(|field| {
                let inner = optional(&field.ty);
                let kind = inner.unwrap_or(&field.ty);
                (wire_name(field), inner.is_some(), is_number(kind), is_any_json(kind))
            })
            .collect();
        let expected = [("dE", true, false, false), ("type", false, true, false)];
        assert_eq!(told[..2], expected.map(|(name, a, b, c)| (name.to_owned(), a, b, c)));
        assert_eq!(told[2], ("any".to_owned(), true, false, true));
    }
}
