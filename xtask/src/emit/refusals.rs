//! Why a builder inside `client.rs` has no value: told by a type of the runtime, which
//! needs no text where nothing was set. progenitor and typify make one for each value
//! that is required, and throw it away when the value is set.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, ExprCall, Field, FieldValue, GenericArgument, Item, ItemMod, ItemStruct, Lit, Path,
    PathArguments, Type, parse_quote,
};

use super::fields::optional;
use crate::generator::unset_field;

/// Mends the builders of the types, and the types' conversions from them.
pub(super) fn mend_types(types: &mut ItemMod) {
    Errors.visit_item_mod_mut(types);
    let Some(items) = super::client::builders(types) else { return };
    let mut optionals = Vec::new();
    for item in items.iter_mut() {
        if let Item::Struct(builder) = item {
            mend_fields(builder);
            optionals.extend(builder.fields.iter().filter_map(|field| {
                optional(value(&field.ty)?)?;
                Some((builder.ident.clone(), field.ident.clone()?))
            }));
        }
    }
    for item in items {
        let Item::Impl(block) = item else { continue };
        let owner = super::client::type_name(block);
        let none = |field: &syn::Ident| {
            optionals
                .iter()
                .any(|(builder, name)| Some(builder.to_string()) == owner && name == field)
        };
        Unset { what: &|field| format!("`{field}`"), is_optional: &none }
            .visit_item_impl_mut(block);
    }
}

/// Mends the fields of a builder.
pub(super) fn mend_fields(builder: &mut ItemStruct) {
    for field in &mut builder.fields {
        Reasons.visit_field_mut(field);
    }
}

/// What was never set is named together with its operation.
pub(super) fn mend_new(function: &mut syn::ImplItemFn, operation: &str) {
    let what = |field: &str| format!("{operation}: `{field}`");
    Unset { what: &what, is_optional: &|_| false }.visit_impl_item_fn_mut(function);
}

/// The conversions' error.
struct Errors;

impl VisitMut for Errors {
    fn visit_path_mut(&mut self, path: &mut Path) {
        if path.segments.last().is_some_and(|last| last.ident == "ConversionError") {
            *path = parse_quote!(::progenitor_client::Refused);
        } else {
            visit_mut::visit_path_mut(self, path);
        }
    }
}

/// `Result<T, String>`: the second.
struct Reasons;

impl VisitMut for Reasons {
    fn visit_field_mut(&mut self, field: &mut Field) {
        if let Some(arguments) = arguments(&mut field.ty)
            && let Some(GenericArgument::Type(reason)) = arguments.args.iter_mut().nth(1)
        {
            *reason = parse_quote!(::progenitor_client::Refused);
        }
    }
}

fn arguments(kind: &mut Type) -> Option<&mut syn::AngleBracketedGenericArguments> {
    let Type::Path(path) = kind else { return None };
    let last = path.path.segments.last_mut().filter(|last| last.ident == "Result")?;
    match &mut last.arguments {
        PathArguments::AngleBracketed(arguments) => Some(arguments),
        _ => None,
    }
}

/// `Result<T, String>`: the first.
fn value(kind: &Type) -> Option<&Type> {
    let Type::Path(path) = kind else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(value) => Some(value),
        _ => None,
    }
}

/// How a builder begins.
struct Unset<'a> {
    /// How a field is called.
    what: &'a dyn Fn(&str) -> String,
    is_optional: &'a dyn Fn(&syn::Ident) -> bool,
}

impl VisitMut for Unset<'_> {
    fn visit_field_value_mut(&mut self, value: &mut FieldValue) {
        if let syn::Member::Named(name) = &value.member
            && (self.is_optional)(name)
            && code(&value.expr).starts_with("Ok(Default::default")
        {
            value.expr = parse_quote!(Ok(None));
        }
        visit_mut::visit_field_value_mut(self, value);
    }

    fn visit_expr_call_mut(&mut self, call: &mut ExprCall) {
        if code(&call.func) == "Err"
            && let Some(Expr::MethodCall(text)) = call.args.first()
            && let Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) = &*text.receiver
            && let Some(field) = unset_field(&text.value())
        {
            let what = (self.what)(field);
            call.args = parse_quote!(::progenitor_client::Refused::Unset(#what));
        }
        visit_mut::visit_expr_call_mut(self, call);
    }
}

fn code(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(' ', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_say_what_was_not_set() {
        let mut types: ItemMod = syn::parse_str(
            "mod types { pub mod builder {
                pub struct A {
                    id: ::std::result::Result<u8, ::std::string::String>,
                    size: ::std::result::Result<::std::option::Option<u8>, ::std::string::String>,
                    list: ::std::result::Result<Vec<u8>, ::std::string::String>,
                }
                impl Default for A { fn default() -> Self { Self {
                    id: Err(\"no value supplied for id\".to_string()),
                    size: Ok(Default::default()),
                    list: Ok(Default::default()),
                } } }
                impl TryFrom<A> for super::A {
                    type Error = super::error::ConversionError;
                    fn try_from(value: A) -> Result<Self, super::error::ConversionError> {
                        Ok(Self { id: value.id?, size: value.size?, list: value.list? })
                    }
                }
            } }",
        )
        .unwrap();
        mend_types(&mut types);
        let code = code(&types).replace("::progenitor_client::", "").replace("::std::", "");
        for expected in [
            "id:result::Result<u8,Refused>,size:result::Result<option::Option<u8>,Refused>,",
            "id:Err(Refused::Unset(\"`id`\")),size:Ok(None),list:Ok(Default::default()),",
            "typeError=Refused;fntry_from(value:A)->Result<Self,Refused>{",
        ] {
            assert!(code.contains(expected), "{expected}: {code}");
        }
    }

    #[test]
    fn operations_name_themselves() {
        let mut new = parse_quote! {
            fn new(client: &C) -> Self {
                Self { client, id: Err("id was not initialized".to_string()), top: Ok(None) }
            }
        };
        mend_new(&mut new, "get_x");
        let code = code(&new);
        assert!(
            code.contains("id:Err(::progenitor_client::Refused::Unset(\"get_x:`id`\"))"),
            "{code}"
        );
    }
}
