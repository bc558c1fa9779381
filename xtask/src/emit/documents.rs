//! How the types of `client.rs` are read and written: by the runtime, which asks each
//! type for its members. What serde derives took a fifth of a client's compile time,
//! and buffers members that nobody declared.
//!
//! The code that is left is as plain as can be, since there is much of it: no closure,
//! no question mark and no call of a trait where a value says the same.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Field, Fields, Ident, Item, ItemMod, ItemStruct, Path, Token, parse_quote};

use super::extras::FIELD;
use super::fields::{is_any_json, is_number, optional, serde_words, wire_name};

/// Mends all types that are objects.
pub(super) fn mend(types: &mut ItemMod) {
    let Some((_, items)) = &mut types.content else { return };
    let mut documents: Vec<Item> = Vec::new();
    for item in items.iter_mut() {
        let Item::Struct(item) = item else { continue };
        if matches!(item.fields, Fields::Named(_)) && drop_derived(item) {
            documents.push(document(item));
            for field in &mut item.fields {
                field.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
            }
        }
    }
    items.append(&mut documents);
}

/// Takes serde's derived traits away; tells whether there were any.
fn drop_derived(item: &mut ItemStruct) -> bool {
    let mut found = false;
    for attribute in &mut item.attrs {
        let Some(derived) = derived(attribute) else { continue };
        let (serdes, kept): (Vec<_>, Vec<_>) = derived.into_iter().partition(|path| {
            path.segments
                .last()
                .is_some_and(|last| last.ident == "Deserialize" || last.ident == "Serialize")
        });
        if !serdes.is_empty() {
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

/// How the type is read and written.
fn document(item: &ItemStruct) -> Item {
    let name = &item.ident;
    let open = item.fields.iter().any(is_extra);
    let extra = open.then(|| quote!(extra));
    let write_extra = open.then(|| quote!(to.extra(&self.extra);));
    let declared: Vec<Declared> = item.fields.iter().filter_map(Declared::of).collect();
    let kept = declared.iter().map(|Declared { name, kind, .. }| quote!(#name: Option<#kind>));
    let none = declared.iter().map(|Declared { name, .. }| quote!(#name: None));
    let reads = declared.iter().map(Declared::read);
    let wholes = declared.iter().map(Declared::whole);
    let writes = declared.iter().map(Declared::write);
    parse_quote! {
        const _: () = {
            pub struct Members { #(#kept),* }

            impl ::progenitor_client::Document for #name {
                const OPEN: bool = #open;
                type Members = Members;

                fn unread() -> Members {
                    Members { #(#none),* }
                }

                fn member<'de, A: ::serde::de::MapAccess<'de>>(
                    members: &mut Members,
                    name: &str,
                    map: &mut A,
                ) -> Option<Result<(), A::Error>> {
                    Some(match name {
                        #(#reads,)*
                        _ => return None,
                    })
                }

                fn whole<E: ::serde::de::Error>(
                    members: Members,
                    extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                ) -> Result<Self, E> {
                    Ok(Self { #(#wholes,)* #extra })
                }

                fn write<M: ::serde::ser::SerializeMap>(
                    &self,
                    to: &mut ::progenitor_client::Writer<M>,
                ) {
                    #(#writes;)*
                    #write_extra
                }
            }

            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> Result<Self, D::Error> {
                    ::progenitor_client::read_document(deserializer)
                }
            }

            impl ::serde::Serialize for #name {
                fn serialize<S: ::serde::Serializer>(
                    &self,
                    serializer: S,
                ) -> Result<S::Ok, S::Error> {
                    ::progenitor_client::write_document(self, serializer)
                }
            }
        };
    }
}

fn is_extra(field: &Field) -> bool {
    field.ident.as_ref().is_some_and(|name| name == FIELD)
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
    /// Whether it is left out where it is unset.
    is_left_out: bool,
    is_number: bool,
}

impl Declared {
    fn of(field: &Field) -> Option<Self> {
        let name = field.ident.clone().filter(|_| !is_extra(field))?;
        let inner = optional(&field.ty);
        let words = serde_words(field);
        Some(Self {
            wire: wire_name(field),
            kind: inner.unwrap_or(&field.ty).to_token_stream(),
            is_optional: inner.is_some(),
            is_defaulted: words.contains("(default)"),
            takes_null: inner.is_none_or(is_any_json),
            is_left_out: words.contains("skip_serializing_if=\"::std::option::Option::is_none\""),
            is_number: is_number(inner.unwrap_or(&field.ty)),
            name,
        })
    }

    fn read(&self) -> TokenStream {
        let Self { name, wire, .. } = self;
        if self.takes_null {
            quote!(#wire => ::progenitor_client::read_member(&mut members.#name, map))
        } else {
            quote!(#wire => ::progenitor_client::read_optional(&mut members.#name, map))
        }
    }

    fn whole(&self) -> TokenStream {
        let Self { name, wire, .. } = self;
        if self.is_optional {
            quote!(#name: members.#name)
        } else if self.is_defaulted {
            quote!(#name: members.#name.unwrap_or_default())
        } else {
            quote!(#name: ::progenitor_client::required(members.#name, #wire)?)
        }
    }

    fn write(&self) -> TokenStream {
        let Self { name, wire, .. } = self;
        let value = match (self.is_number, self.is_optional) {
            (true, true) => quote!(self.#name.map(::progenitor_client::Number)),
            (true, false) => quote!(::progenitor_client::Number(self.#name)),
            (false, _) => quote!(self.#name),
        };
        if self.is_left_out {
            quote!(to.optional(#wire, &#value))
        } else {
            quote!(to.member(#wire, &#value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_and_write_themselves() {
        let text = "mod types {
            #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
            pub struct Free {
                pub id: ::std::string::String,
                #[serde(
                    rename = \"oneSize\",
                    skip_serializing_if = \"::std::option::Option::is_none\"
                )]
                pub one_size: ::std::option::Option<f64>,
                #[serde(deserialize_with = \"y\")]
                pub any: ::std::option::Option<::progenitor_client::Json>,
                pub size: f64,
                #[serde(flatten)]
                pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            }
            #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
            pub struct Bound {
                pub id: ::std::option::Option<u8>,
                #[serde(default)]
                #[serde(skip_serializing_if = \"::std::option::Option::is_none\")]
                pub inner: ::std::boxed::Box<::std::option::Option<Bound>>,
            }
            #[derive(::serde::Deserialize, ::serde::Serialize)]
            #[serde(transparent)]
            pub struct Lone(pub u8);
        }";
        let mut module: ItemMod = syn::parse_str(text).unwrap();
        mend(&mut module);
        let code = module.to_token_stream().to_string().replace(' ', "");
        let code = code.replace("::progenitor_client::", "");
        for expected in [
            "#[derive(Clone,Debug)]pubstructFree{pubid:",
            "DocumentforFree{constOPEN:bool=true;",
            "DocumentforBound{constOPEN:bool=false;",
            "#[derive(Clone,Debug,Default)]pubstructBound",
            "Ok(Self{id:members.id,inner:members.inner.unwrap_or_default(),})",
            "structMembers{id:Option<::std::string::String>,one_size:Option<f64>,",
            "Members{id:None,one_size:None,any:None,size:None}",
            "\"id\"=>read_member(&mutmembers.id,map),",
            "\"oneSize\"=>read_optional(&mutmembers.one_size,map),",
            "\"any\"=>read_member(&mutmembers.any,map),",
            "id:required(members.id,\"id\")?,one_size:members.one_size,",
            "to.member(\"id\",&self.id);to.optional(\"oneSize\",&self.one_size.map(Number));",
            "to.member(\"any\",&self.any);to.member(\"size\",&Number(self.size));",
            "to.extra(&self.extra);",
            "to.member(\"id\",&self.id);to.optional(\"inner\",&self.inner);}",
        ] {
            assert!(code.contains(expected), "{expected}: {code}");
        }
        assert_eq!(code.matches("#[serde").count(), 1, "the lone one's: {code}");
    }
}
