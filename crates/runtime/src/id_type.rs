//! The types of ids: a text that was checked when it was made. They are alike on
//! every platform; which ids there are, and their rules, the client crates say.

/// Makes the type of an id: its name, what it names, the longest text in characters,
/// and words that stand in the same place of a path and are no ids.
#[macro_export]
macro_rules! id_type {
    (
        $(#[$doc:meta])*
        $name:ident, $kind:literal, $max:expr $(, not $($word:literal)+)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(::std::string::String);

        impl $name {
            /// Longest text accepted, in characters.
            pub const MAX_CHARS: usize = $max;

            /// Checks and keeps the text.
            ///
            /// # Errors
            /// [`IdError`]($crate::IdError) if the text is empty, `.`, `..`, too long,
            /// holds a control character or is a word of the path.
            #[inline]
            pub fn new(
                text: impl ::std::convert::Into<::std::string::String>,
            ) -> ::std::result::Result<Self, $crate::IdError> {
                let text = text.into();
                $crate::validate_id($kind, &text, Self::MAX_CHARS)?;
                $($crate::not_reserved($kind, &text, &[$($word),+])?;)?
                ::std::result::Result::Ok(Self(text))
            }

            /// The id as written.
            #[inline]
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::IdError;
            #[inline]
            fn from_str(text: &str) -> ::std::result::Result<Self, $crate::IdError> {
                Self::new(text)
            }
        }

        impl ::std::convert::TryFrom<&str> for $name {
            type Error = $crate::IdError;
            #[inline]
            fn try_from(text: &str) -> ::std::result::Result<Self, $crate::IdError> {
                Self::new(text)
            }
        }

        impl ::std::convert::TryFrom<::std::string::String> for $name {
            type Error = $crate::IdError;
            #[inline]
            fn try_from(
                text: ::std::string::String,
            ) -> ::std::result::Result<Self, $crate::IdError> {
                Self::new(text)
            }
        }

        impl ::std::convert::TryFrom<&::std::string::String> for $name {
            type Error = $crate::IdError;
            #[inline]
            fn try_from(
                text: &::std::string::String,
            ) -> ::std::result::Result<Self, $crate::IdError> {
                Self::new(text.as_str())
            }
        }

        impl ::std::convert::From<&$name> for $name {
            #[inline]
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl ::std::convert::From<$name> for ::std::string::String {
            #[inline]
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl ::serde::Serialize for $name {
            #[inline]
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let text = <::std::string::String as ::serde::Deserialize>::deserialize(
                    deserializer,
                )?;
                Self::new(text).map_err(::serde::de::Error::custom)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::IdError;

    id_type!(
        /// An id.
        ThingId,
        "thing id",
        8,
        not "all"
    );

    #[test]
    fn an_id_is_checked_however_it_is_made() {
        let id = ThingId::new("a/b").unwrap();
        assert_eq!((id.as_str(), id.to_string().as_str()), ("a/b", "a/b"));
        assert_eq!(format!("{id:?}"), "ThingId(\"a/b\")");
        assert_eq!("a/b".parse::<ThingId>().unwrap(), id);
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"a/b\"");
        assert_eq!(serde_json::from_str::<ThingId>("\"a/b\"").unwrap(), id);
        assert!(matches!(ThingId::try_from("ALL"), Err(IdError::Reserved { .. })));
        assert!(matches!(ThingId::try_from(&"x".repeat(9)), Err(IdError::TooLong { max: 8, .. })));
        let refused = serde_json::from_str::<ThingId>("\"..\"").unwrap_err().to_string();
        assert!(refused.contains("a thing id must not be"), "{refused}");
    }
}
