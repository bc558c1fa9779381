//! The members that nobody declared, inside the types of `client.rs`: without
//! them a document is a document too, and can be made from nothing.

use std::collections::BTreeSet;

use quote::ToTokens as _;
use syn::visit_mut::{self, VisitMut};
use syn::{FieldValue, Fields, Item, ItemMod, ItemStruct, Member, parse_quote};

use super::client::{builders, doc};
use crate::names::pascal;

/// What typify calls the field.
pub(super) const FIELD: &str = "extra";

/// Mends the types that keep them, and their builders.
pub(super) fn mend(types: &mut ItemMod, keeping: &BTreeSet<String>) {
    let keeping: BTreeSet<String> = keeping.iter().map(|name| pascal(name)).collect();
    for item in types.content.iter_mut().flat_map(|(_, items)| items) {
        let Item::Struct(item) = item else { continue };
        if keeping.contains(&item.ident.to_string()) {
            describe(item);
            if needs_nothing(item) {
                item.attrs.push(parse_quote!(#[derive(Default)]));
            }
        }
    }
    for item in builders(types).into_iter().flatten() {
        if let Item::Impl(block) = item {
            Unset.visit_item_impl_mut(block);
        }
    }
}

fn describe(item: &mut ItemStruct) {
    for field in &mut item.fields {
        if field.ident.as_ref().is_some_and(|name| name == FIELD) {
            let about = "Members that are not declared, as they came; they go back with the rest.";
            field.attrs.splice(0..0, doc(about));
        }
    }
}

/// Whether no member must be there. typify makes such types from nothing, but not
/// where they keep undeclared members.
fn needs_nothing(item: &ItemStruct) -> bool {
    let Fields::Named(fields) = &item.fields else { return false };
    fields.named.iter().all(|field| {
        let kind = field.ty.to_token_stream().to_string().replace(' ', "");
        let is_extra = field.ident.as_ref().is_some_and(|name| name == FIELD);
        is_extra || kind.starts_with("::std::option::Option<")
    })
}

/// A builder that nobody gave any is no failure.
struct Unset;

impl VisitMut for Unset {
    fn visit_field_value_mut(&mut self, field: &mut FieldValue) {
        let is_extra = matches!(&field.member, Member::Named(name) if name == FIELD);
        if is_extra
            && matches!(&field.expr, syn::Expr::Call(call) if call.func == parse_quote!(Err))
        {
            field.expr = parse_quote!(Ok(Default::default()));
        }
        visit_mut::visit_field_value_mut(self, field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_without_them_is_one_too() {
        let map = "::serde_json::Map<::std::string::String, ::serde_json::Value>";
        let text = format!(
            "mod types {{
                pub struct Free {{ pub a: ::std::option::Option<u8>, pub extra: {map} }}
                pub struct Bound {{ pub a: u8, pub extra: {map} }}
                pub struct Other {{ pub extra: u8 }}
                pub mod builder {{ impl Default for Free {{ fn default() -> Self {{
                    Self {{ a: Err(\"x\".to_string()), extra: Err(\"y\".to_string()) }}
                }} }} }}
            }}"
        );
        let mut module: ItemMod = syn::parse_str(&text).unwrap();
        mend(&mut module, &BTreeSet::from(["free".to_owned(), "bound".to_owned()]));
        let code = module.to_token_stream().to_string().replace(' ', "");
        assert!(code.contains("#[derive(Default)]pubstructFree"), "{code}");
        assert!(!code.contains("#[derive(Default)]pubstructBound"), "{code}");
        assert!(code.contains("a:Err(\"x\".to_string()),extra:Ok(Default::default())"), "{code}");
        assert_eq!(code.matches("notdeclared").count(), 2);
    }
}
