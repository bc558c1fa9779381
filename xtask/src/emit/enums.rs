//! `enums.rs`: string enums that keep values they do not know.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Input;
use crate::normalise::OpenEnum;

/// Emits the file.
pub(super) fn emit(input: &Input<'_>) -> TokenStream {
    input.lowering.enums.iter().map(one).collect()
}

fn one(source: &OpenEnum) -> TokenStream {
    let name = format_ident!("{}", source.name);
    let about = format!(" {}", source.description);
    let values: Vec<&str> = source.variants.iter().map(|(value, _)| value.as_str()).collect();
    let variants: Vec<_> =
        source.variants.iter().map(|(_, name)| format_ident!("{name}")).collect();
    let value_docs = values.iter().map(|value| format!(" `{value}`."));
    quote! {
        #[doc = #about]
        #[doc = ""]
        #[doc = " The service may add values; one that is not known here is kept as it came."]
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#[doc = #value_docs] #variants,)*
            /// A value that is not known here, as it came.
            Unknown(::std::string::String),
        }

        impl #name {
            /// The values known here, in the order of the service's documentation.
            pub const KNOWN: &'static [&'static str] = &[#(#values),*];

            /// The value as it stands on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #values,)*
                    Self::Unknown(value) => value,
                }
            }
        }

        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::convert::From<&str> for #name {
            fn from(value: &str) -> Self {
                match value {
                    #(#values => Self::#variants,)*
                    unknown => Self::Unknown(unknown.to_owned()),
                }
            }
        }

        impl ::std::convert::From<::std::string::String> for #name {
            fn from(value: ::std::string::String) -> Self {
                match value.as_str() {
                    #(#values => Self::#variants,)*
                    _ => Self::Unknown(value),
                }
            }
        }

        impl ::std::str::FromStr for #name {
            type Err = ::std::convert::Infallible;

            fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(value.into())
            }
        }

        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                <::std::string::String as ::serde::Deserialize>::deserialize(deserializer)
                    .map(Self::from)
            }
        }
    }
}
