//! How the types of `client.rs` are read: by the runtime, which asks each type for
//! its members. serde's derived readers took a fifth of a client's compile time, and
//! buffer members that nobody declared.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Field, Fields, Ident, Item, ItemMod, ItemStruct, Path, Token, parse_quote};

use super::extras::FIELD;
use super::fields::{is_any_json, optional, wire_name};

/// Mends all types that are objects.
pub(super) fn mend(types: &mut ItemMod) {
    let Some((_, items)) = &mut types.content else { return };
    let mut readers: Vec<Item> = Vec::new();
    for item in items.iter_mut() {
        let Item::Struct(item) = item else { continue };
        if matches!(item.fields, Fields::Named(_)) && drop_derived(item) {
            readers.push(reader(item));
        }
    }
    items.append(&mut readers);
}

/// Takes serde's reader away; tells whether there was one.
fn drop_derived(item: &mut ItemStruct) -> bool {
    let mut found = false;
    for attribute in &mut item.attrs {
        let Some(derived) = derived(attribute) else { continue };
        let (read, kept): (Vec<_>, Vec<_>) = derived
            .into_iter()
            .partition(|path| path.segments.last().is_some_and(|last| last.ident == "Deserialize"));
        if !read.is_empty() {
            *attribute = parse_quote!(#[derive(#(#kept),*)]);
            found = true;
        }
    }
    found
}

fn derived(attribute: &Attribute) -> Option<Punctuated<Path, Token![,]>> {
    if !attribute.path().is_ident("derive") {
        return None;
    }
    attribute.parse_args_with(Punctuated::parse_terminated).ok()
}

/// How the type is read.
fn reader(item: &ItemStruct) -> Item {
    let name = &item.ident;
    let open = item.fields.iter().any(is_extra);
    let extra = open.then(|| quote!(extra));
    let declared: Vec<Declared> = item.fields.iter().filter_map(Declared::of).collect();
    let kept = declared.iter().map(|Declared { name, kind, .. }| quote!(#name: Option<#kind>));
    let reads = declared.iter().map(Declared::read);
    let wholes = declared.iter().map(Declared::whole);
    parse_quote! {
        const _: () = {
            #[derive(Default)]
            pub struct Members { #(#kept),* }

            impl ::progenitor_client::Document for #name {
                const OPEN: bool = #open;
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
                    Ok(Self { #(#wholes,)* #extra })
                }
            }

            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> Result<Self, D::Error> {
                    ::progenitor_client::read_document(deserializer)
                }
            }
        };
    }
}

fn is_extra(field: &Field) -> bool {
    field.ident.as_ref().is_some_and(|name| name == FIELD)
}

fn is_defaulted(field: &Field) -> bool {
    field.attrs.iter().any(|attribute| {
        attribute.to_token_stream().to_string().replace(' ', "").contains("serde(default)")
    })
}

/// A declared member of a type.
struct Declared {
    name: Ident,
    wire: String,
    /// The type; of an optional member that of its value.
    kind: TokenStream,
    is_optional: bool,
    /// Whether it stands for nothing when it is missing: an optional one in a box.
    is_defaulted: bool,
    /// Whether `null` is a value like others.
    takes_null: bool,
}

impl Declared {
    fn of(field: &Field) -> Option<Self> {
        let name = field.ident.clone().filter(|_| !is_extra(field))?;
        let inner = optional(&field.ty);
        Some(Self {
            wire: wire_name(field),
            kind: inner.unwrap_or(&field.ty).to_token_stream(),
            is_optional: inner.is_some(),
            is_defaulted: is_defaulted(field),
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
        } else if self.is_defaulted {
            quote!(#name: members.#name.unwrap_or_default())
        } else {
            quote!(#name: members.#name.ok_or_else(|| E::missing_field(#wire))?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_themselves() {
        let text = "mod types {
            #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
            pub struct Free {
                pub id: ::std::string::String,
                #[serde(rename = \"oneSize\", skip_serializing_if = \"x\")]
                pub one_size: ::std::option::Option<u8>,
                #[serde(deserialize_with = \"y\")]
                pub any: ::std::option::Option<::progenitor_client::Json>,
                #[serde(flatten)]
                pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            }
            #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
            pub struct Bound {
                pub id: ::std::option::Option<u8>,
                #[serde(default)]
                pub inner: ::std::boxed::Box<::std::option::Option<Bound>>,
            }
            #[derive(::serde::Deserialize, ::serde::Serialize)]
            #[serde(transparent)]
            pub struct Lone(pub u8);
        }";
        let mut module: ItemMod = syn::parse_str(text).unwrap();
        mend(&mut module);
        let code = module.to_token_stream().to_string().replace(' ', "");
        for expected in [
            "#[derive(::serde::Serialize,Clone,Debug)]pubstructFree",
            "DocumentforFree{constOPEN:bool=true;",
            "DocumentforBound{constOPEN:bool=false;",
            "#[derive(::serde::Serialize,Clone,Debug,Default)]pubstructBound",
            "Ok(Self{id:members.id,inner:members.inner.unwrap_or_default(),})",
            "structMembers{id:Option<::std::string::String>,one_size:Option<u8>,",
            "\"id\"=>members.id=Some(map.next_value()?),",
            "\"oneSize\"=>members.one_size=map.next_value()?,",
            "\"any\"=>members.any=Some(map.next_value()?),",
            "id:members.id.ok_or_else(||E::missing_field(\"id\"))?,one_size:members.one_size,",
        ] {
            assert!(code.contains(expected), "{expected}: {code}");
        }
        assert_eq!(code.matches("serde::Deserialize,").count(), 1, "the lone one's: {code}");
    }
}
