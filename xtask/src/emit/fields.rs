//! The fields of the types inside `client.rs`: how their values travel where
//! serde's own ways lose something.

use quote::ToTokens;
use syn::{Field, GenericArgument, Item, ItemMod, PathArguments, Type, parse_quote};

/// Mends all types.
pub(super) fn mend(types: &mut ItemMod) {
    for item in types.content.iter_mut().flat_map(|(_, items)| items) {
        let Item::Struct(item) = item else { continue };
        for field in &mut item.fields {
            let inner = optional(&field.ty);
            let of = code(inner.unwrap_or(&field.ty));
            match (of.as_str(), inner.is_some()) {
                // Services and people write 3, not 3.0.
                ("f64", false) => field.attrs.push(parse_quote!(
                    #[serde(serialize_with = "::progenitor_client::write_number")]
                )),
                ("f64", true) => field.attrs.push(parse_quote!(
                    #[serde(serialize_with = "::progenitor_client::write_optional_number")]
                )),
                _ => {}
            }
            drop_reader(field);
        }
    }
}

/// typify gives what must be there but may be null a reader of its own. The type
/// reads its members itself, and takes absence for null: a service that leaves the
/// member out says the same.
fn drop_reader(field: &mut Field) {
    field.attrs.retain_mut(|attribute| {
        let written = attribute.to_token_stream().to_string().replace(' ', "");
        if !written.contains("deserialize_with=\"::std::option::Option::deserialize\"") {
            return true;
        }
        let wire = wire_name_of(&written);
        if let Some(wire) = &wire {
            *attribute = parse_quote!(#[serde(rename = #wire)]);
        }
        wire.is_some()
    });
}

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

/// Whether it is the type of any JSON.
pub(super) fn is_any_json(kind: &Type) -> bool {
    code(kind) == "::progenitor_client::Json"
}

/// The member's name on the wire.
pub(super) fn wire_name(field: &Field) -> String {
    let renamed = field.attrs.iter().find_map(|attribute| {
        wire_name_of(&attribute.to_token_stream().to_string().replace(' ', ""))
    });
    renamed.unwrap_or_else(|| {
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
    fn values_travel_without_loss() {
        let mut types: ItemMod = syn::parse_str(
            "mod types { pub struct A {
                pub a: f64,
                pub b: ::std::option::Option<f64>,
                #[serde(rename = \"dE\", deserialize_with = \"::std::option::Option::deserialize\")]
                pub d_e: ::std::option::Option<u8>,
                #[serde(deserialize_with = \"::std::option::Option::deserialize\")]
                pub f: ::std::option::Option<u8>,
                pub g: ::std::string::String,
            } }",
        )
        .unwrap();
        mend(&mut types);
        let code = types.to_token_stream().to_string().replace(' ', "");
        for expected in [
            "write_number\")]puba:",
            "write_optional_number\")]pubb:",
            "#[serde(rename=\"dE\")]pubd_e:",
            "pubf:",
            "pubg:",
        ] {
            assert!(code.contains(expected), "{expected}: {code}");
        }
        assert!(!code.contains("deserialize"), "{code}");
    }
}
