//! `kinds.rs`: enums of what comes in kinds, told apart by one member.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Input;
use crate::names::pascal;
use crate::normalise::{Kind, Kinds};

/// Emits the file. `built` are the types that have builders.
pub(super) fn emit(input: &Input<'_>, built: &BTreeSet<String>) -> TokenStream {
    let keeping = &input.lowering.keeping;
    let all = input.lowering.kinds.iter().map(|kinds| one(kinds, built, keeping));
    quote! {
        use super::client::types;

        #(#all)*
    }
}

fn one(source: &Kinds, built: &BTreeSet<String>, keeping: &BTreeSet<String>) -> TokenStream {
    let Kinds { tag, kinds, .. } = source;
    let name = format_ident!("{}", source.name);
    let about = format!(" {}", source.description.replace('\n', " "));
    let tells = format!(" The member `{tag}` tells which; this type reads and writes it.");
    let kept = " A kind that is not known here is kept as it came, and goes back the same.";
    let variants = kinds.iter().map(variant);
    let names: Vec<_> = kinds.iter().map(|kind| format_ident!("{}", kind.variant)).collect();
    let values: Vec<_> = kinds.iter().map(|kind| kind.value.as_str()).collect();
    let patterns = kinds.iter().map(|kind| {
        let name = format_ident!("{}", kind.variant);
        if kind.component.is_some() { quote!(Self::#name(_)) } else { quote!(Self::#name) }
    });
    let reads = kinds.iter().zip(&names).map(|(kind, name)| match &kind.component {
        // The member that names the kind is this type's own to write.
        Some(component) if keeping.contains(component) => {
            let component = format_ident!("{}", pascal(component));
            quote!({
                let mut known: types::#component = read.decode()?;
                known.extra.remove(#tag);
                Ok(Self::#name(known))
            })
        }
        Some(_) => quote!(read.decode().map(Self::#name)),
        None => quote!(Ok(Self::#name)),
    });
    let conversions = kinds.iter().filter_map(|kind| conversion(source, kind, built));
    quote! {
        #[doc = #about]
        #[doc = ""]
        #[doc = #tells]
        #[doc = #kept]
        #[derive(Clone, Debug, ::serde::Serialize)]
        #[serde(tag = #tag)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            /// A kind that is not known here, as it came.
            #[serde(untagged)]
            Unknown(::progenitor_client::UnknownKind),
        }

        impl #name {
            /// The kinds known here, as they stand on the wire.
            pub const KNOWN: &'static [&'static str] = &[#(#values),*];

            /// The kind as it stands on the wire; empty if the service named none.
            #[must_use]
            pub fn kind(&self) -> &str {
                match self {
                    #(#patterns => #values,)*
                    Self::Unknown(unknown) => unknown.kind().unwrap_or_default(),
                }
            }
        }

        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let read = ::progenitor_client::UnknownKind::read(deserializer, #tag)?;
                match read.kind() {
                    #(Some(#values) => #reads,)*
                    _ => Ok(Self::Unknown(read)),
                }
            }
        }

        impl ::std::convert::From<::progenitor_client::UnknownKind> for #name {
            fn from(unknown: ::progenitor_client::UnknownKind) -> Self {
                Self::Unknown(unknown)
            }
        }

        #(#conversions)*
    }
}

fn variant(kind: &Kind) -> TokenStream {
    let Kind { value, variant, component, description } = kind;
    let name = format_ident!("{variant}");
    let about = format!(" `{value}`: {}", description.replace('\n', " "));
    let members = component.as_ref().map(|component| {
        let component = format_ident!("{}", pascal(component));
        quote!((types::#component))
    });
    quote! {
        #[doc = #about]
        #[serde(rename = #value)]
        #name #members,
    }
}

/// A kind, and the builder of one, can stand where any of the kinds is taken.
fn conversion(source: &Kinds, kind: &Kind, built: &BTreeSet<String>) -> Option<TokenStream> {
    let name = format_ident!("{}", source.name);
    let variant = format_ident!("{}", kind.variant);
    let component = pascal(kind.component.as_ref()?);
    let from_builder = built.contains(&component).then(|| {
        let component = format_ident!("{component}");
        quote! {
            impl ::std::convert::TryFrom<types::builder::#component> for #name {
                type Error = ::progenitor_client::Refused;

                fn try_from(
                    builder: types::builder::#component,
                ) -> ::std::result::Result<Self, Self::Error> {
                    builder.try_into().map(Self::#variant)
                }
            }
        }
    });
    let component = format_ident!("{component}");
    Some(quote! {
        impl ::std::convert::From<types::#component> for #name {
            fn from(kind: types::#component) -> Self {
                Self::#variant(kind)
            }
        }

        #from_builder
    })
}
