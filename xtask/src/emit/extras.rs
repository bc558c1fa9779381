//! The members that nobody declared, inside the types of `client.rs`: without
//! them a document is a document too, and can be made from nothing. Such a type
//! is read by code of its own, not by serde's `flatten`, which buffers what it
//! does not know and compiles to more.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Field, FieldValue, Fields, Ident, Item, ItemMod, ItemStruct, Member, parse_quote};

use super::client::{builders, doc};
use super::fields::{is_any_json, optional, wire_name};
use crate::names::pascal;

/// What typify calls the field.
const FIELD: &str = "extra";

/// Mends the types that keep them, and their builders.
pub(super) fn mend(types: &mut ItemMod, keeping: &BTreeSet<String>) {
    let keeping: BTreeSet<String> = keeping.iter().map(|name| pascal(name)).collect();
    let mut readers: Vec<Item> = Vec::new();
    for item in types.content.iter_mut().flat_map(|(_, items)| items) {
        let Item::Struct(item) = item else { continue };
        if keeping.contains(&item.ident.to_string()) {
            describe(item);
            if needs_nothing(item) {
                item.attrs.push(parse_quote!(#[derive(Default)]));
            }
            item.attrs.retain(|attribute| {
                !attribute.to_token_stream().to_string().contains("serde :: Deserialize")
            });
            item.attrs.push(parse_quote!(#[derive(::serde::Serialize, Clone, Debug)]));
            readers.push(reader(item));
        }
    }
    types.content.iter_mut().for_each(|(_, items)| items.append(&mut readers));
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

/// How the type is read.
fn reader(item: &ItemStruct) -> Item {
    let name = &item.ident;
    let declared: Vec<Declared> = item.fields.iter().filter_map(Declared::of).collect();
    let kept = declared.iter().map(|Declared { name, kind, .. }| quote!(#name: Option<#kind>));
    let reads = declared.iter().map(Declared::read);
    let wholes = declared.iter().map(Declared::whole);
    parse_quote! {
        const _: () = {
            #[derive(Default)]
            pub struct Members { #(#kept),* }

            impl ::progenitor_client::OpenDocument for #name {
                type Members = Members;

                fn member<'de, A: ::serde::de::MapAccess<'de>>(
                    members: &mut Members,
                    name: &str,
                    map: &mut A,
                ) -> Result<bool, A::Error> {
                    match name {
                        #(#reads,)*
                        _ => return Ok(false),
                    }
                    Ok(true)
                }

                fn whole<E: ::serde::de::Error>(
                    members: Members,
                    extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                ) -> Result<Self, E> {
                    Ok(Self { #(#wholes,)* extra })
                }
            }

            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> Result<Self, D::Error> {
                    ::progenitor_client::read_open(deserializer)
                }
            }
        };
    }
}

/// A declared member of a type.
struct Declared {
    name: Ident,
    wire: String,
    /// The type; of an optional member that of its value.
    kind: TokenStream,
    is_optional: bool,
    /// Whether `null` is a value like others.
    takes_null: bool,
}

impl Declared {
    fn of(field: &Field) -> Option<Self> {
        let name = field.ident.clone().filter(|name| name != FIELD)?;
        let inner = optional(&field.ty);
        Some(Self {
            wire: wire_name(field),
            kind: inner.unwrap_or(&field.ty).to_token_stream(),
            is_optional: inner.is_some(),
            takes_null: inner.is_none_or(is_any_json),
            name,
        })
    }

    fn read(&self) -> TokenStream {
        let Self { name, wire, .. } = self;
        if self.takes_null {
            quote!(#wire => members.#name = Some(map.next_value()?))
        } else {
            quote!(#wire => members.#name = map.next_value()?)
        }
    }

    fn whole(&self) -> TokenStream {
        let Self { name, wire, .. } = self;
        if self.is_optional {
            quote!(#name: members.#name)
        } else {
            quote!(#name: members.#name.ok_or_else(|| E::missing_field(#wire))?)
        }
    }
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
    fn types_that_keep_them_read_themselves() {
        let text = "mod types {
            #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
            pub struct Free {
                pub id: ::std::string::String,
                #[serde(rename = \"oneSize\", skip_serializing_if = \"x\")]
                pub one_size: ::std::option::Option<u8>,
                pub any: ::std::option::Option<::progenitor_client::Json>,
                #[serde(flatten)]
                pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            }
        }";
        let mut module: ItemMod = syn::parse_str(text).unwrap();
        mend(&mut module, &BTreeSet::from(["free".to_owned()]));
        let code = module.to_token_stream().to_string().replace(' ', "");
        for expected in [
            "#[derive(::serde::Serialize,Clone,Debug)]pubstructFree",
            "structMembers{id:Option<::std::string::String>,one_size:Option<u8>,",
            "\"id\"=>members.id=Some(map.next_value()?),",
            "\"oneSize\"=>members.one_size=map.next_value()?,",
            "\"any\"=>members.any=Some(map.next_value()?),",
            "id:members.id.ok_or_else(||E::missing_field(\"id\"))?,one_size:members.one_size,",
        ] {
            assert!(code.contains(expected), "{expected}: {code}");
        }
        assert!(!code.contains("serde::Deserialize,"), "{code}");
    }

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
        let derived = "#[derive(::serde::Serialize,Clone,Debug)]";
        assert!(code.contains(&format!("#[derive(Default)]{derived}pubstructFree")), "{code}");
        assert!(code.contains(&format!("{derived}pubstructBound")), "{code}");
        assert!(!code.contains(&format!("#[derive(Default)]{derived}pubstructBound")), "{code}");
        assert!(code.contains("a:Err(\"x\".to_string()),extra:Ok(Default::default())"), "{code}");
        assert_eq!(code.matches("notdeclared").count(), 2);
    }
}
