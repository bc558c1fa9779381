//! `client.rs`: progenitor's output with a few faults mended.
//!
//! What can be done in the document or in the runtime is done there. Left for
//! here is what progenitor decides alone: constructors that panic and follow
//! redirects, an `api-version` header nobody asked for, builders for types
//! that only ever come back, and documentation.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::ToTokens;
use serde_json::Value;
use syn::{Attribute, ImplItem, Item, ItemImpl, ItemMod, parse_quote};

use super::docs::{self, OperationDocs};
use super::{
    Input, answers, conversions, documents, extras, refusals, representation, sends, setters,
};
use crate::document::Problem;
use crate::names::{pascal, snake};
use crate::normalise::{closure, merged, named};
use crate::openapi::walk_schemas;

/// Emits the file.
pub(super) fn emit(input: &Input<'_>, mut file: syn::File) -> Result<TokenStream, Problem> {
    let documentation = docs::collect(input);
    let returned_only = returned_only(input);
    let read_only = read_only(input);
    // The prelude holds nothing but the client.
    file.items.retain(|item| !matches!(item, Item::Mod(module) if module.ident == "prelude"));
    // Nor are there hooks: `send` calls the runtime.
    file.items.retain(|item| !matches!(item, Item::Const(_) | Item::Use(_)) && !tells(item));
    file.items.splice(0..0, imports());
    for item in &mut file.items {
        match item {
            Item::Impl(block) if names_client(block) && block.trait_.is_none() => {
                mend_client(block, &documentation);
            }
            Item::Struct(item) if item.ident == "Client" => {
                item.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
                item.attrs.splice(0..0, doc(&client_docs(input)));
                drop_base(item);
            }
            Item::Mod(module) if module.ident == "types" => {
                drop_builders(module, &returned_only);
                drop_read_only(module, &read_only);
                drop_conversion_errors(module);
                leave_out_unset(module);
                conversions::mend(module);
                refusals::mend_types(module);
                extras::mend(module, &input.lowering.keeping);
                documents::mend(module);
            }
            Item::Mod(module) if module.ident == "builder" => {
                setters::mend(module, input.rows, &documentation);
                answers::mend(module, input);
                representation::mend(module, input);
                sends::mend(module, input)?;
                import(module);
            }
            _ => {}
        }
    }
    // The `impl Client` that held only the constructors is empty now.
    file.items.retain(|item| {
        !matches!(item, Item::Impl(block) if block.items.is_empty() && block.trait_.is_none())
    });
    let tokens = file.to_token_stream();
    refuse_panics(input, &tokens.to_string())?;
    Ok(tokens)
}

/// The runtime knows the base URL.
fn drop_base(client: &mut syn::ItemStruct) {
    if let syn::Fields::Named(fields) = &mut client.fields {
        let named = |field: &syn::Field| field.ident.as_ref().is_some_and(|it| it == "baseurl");
        fields.named =
            std::mem::take(&mut fields.named).into_iter().filter(|it| !named(it)).collect();
    }
}

fn client_docs(input: &Input<'_>) -> String {
    let info = input.document.value.get("info").unwrap_or(&Value::Null);
    format!(
        "Client of the {}, version {}.\n\n{}",
        crate::openapi::text(info, "title"),
        crate::openapi::text(info, "version"),
        crate::normalise::escape(crate::openapi::text(info, "description")),
    )
}

/// What the client itself and its builders name.
fn imports() -> [Item; 2] {
    [
        parse_quote!(
            pub use ::progenitor_client::{Error, ResponseValue};
        ),
        parse_quote!(
            use ::progenitor_client::PathSegment;
        ),
    ]
}

fn import(builders: &mut ItemMod) {
    let Some((_, items)) = &mut builders.content else { return };
    items.retain(|item| !matches!(item, Item::Use(_)));
    let names = [
        parse_quote!(
            use super::super::operations;
        ),
        parse_quote!(
            use super::{Error, PathSegment, ResponseValue, types};
        ),
    ];
    items.splice(0..0, names);
}

/// `impl ClientInfo<…> for Client`.
fn tells(item: &Item) -> bool {
    matches!(item, Item::Impl(block) if block.trait_.is_some() && names_client(block))
}

fn names_client(block: &ItemImpl) -> bool {
    matches!(&*block.self_ty, syn::Type::Path(path) if path.path.is_ident("Client"))
}

/// Takes the constructors away and documents the methods.
fn mend_client(block: &mut ItemImpl, documentation: &BTreeMap<String, OperationDocs>) {
    block.items.retain(|item| {
        !matches!(item, ImplItem::Fn(method) if method.sig.ident.to_string().starts_with("new"))
    });
    for item in &mut block.items {
        let ImplItem::Fn(method) = item else { continue };
        if let Some(docs) = documentation.get(&method.sig.ident.to_string()) {
            method.attrs = doc(&docs.method);
            method.attrs.push(parse_quote!(#[must_use = "nothing is sent before `send`"]));
        }
    }
}

/// Types that no request body holds.
fn returned_only(input: &Input<'_>) -> BTreeSet<String> {
    let built = built(input);
    let schemas = input.lowering.root.pointer("/components/schemas").unwrap_or(&Value::Null);
    crate::openapi::entries(schemas)
        .map(|(name, _)| pascal(name))
        .filter(|name| !built.contains(name))
        .collect()
}

/// Types that a request body holds: those that have builders.
pub(super) fn built(input: &Input<'_>) -> BTreeSet<String> {
    let (root, behind) = (&input.lowering.root, &input.lowering.behind);
    let mut sent = Vec::new();
    walk_schemas(root, &mut |pointer, schema| {
        if pointer.contains("/requestBody/") {
            sent.extend(named(schema, behind));
        }
    });
    closure(root, behind, sent).iter().map(|name| pascal(name)).collect()
}

/// Properties that only the service sets: type and field.
fn read_only(input: &Input<'_>) -> BTreeSet<(String, String)> {
    let root = &input.document.value;
    let schemas = root.pointer("/components/schemas").unwrap_or(&Value::Null);
    crate::openapi::entries(schemas)
        .flat_map(|(name, schema)| {
            let whole = merged(root, schema);
            crate::openapi::members(&whole, "properties")
                .filter(|(_, property)| crate::openapi::flag(property, "readOnly"))
                .map(|(property, _)| (pascal(name), snake(property)))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// What only the service sets has no setter.
fn drop_read_only(types: &mut ItemMod, read_only: &BTreeSet<(String, String)>) {
    for item in builders(types).into_iter().flatten() {
        let Item::Impl(block) = item else { continue };
        let Some(owner) = type_name(block).filter(|_| block.trait_.is_none()) else { continue };
        block.items.retain(|item| match item {
            ImplItem::Fn(setter) => {
                !read_only.contains(&(owner.clone(), setter.sig.ident.to_string()))
            }
            _ => true,
        });
    }
}

/// Builders tell by a type of the runtime why they have no value.
fn drop_conversion_errors(types: &mut ItemMod) {
    let Some((_, items)) = &mut types.content else { return };
    items.retain(|item| !matches!(item, Item::Mod(module) if module.ident == "error"));
}

/// A member that holds its own type is `Box<Option<T>>`, which progenitor sends
/// as `null` where it is unset; like every other unset member it is left out.
fn leave_out_unset(types: &mut ItemMod) {
    let Some((_, items)) = &mut types.content else { return };
    for item in items {
        let Item::Struct(item) = item else { continue };
        for field in &mut item.fields {
            let kind = field.ty.to_token_stream().to_string().replace(' ', "");
            if kind.starts_with("::std::boxed::Box<::std::option::Option<") {
                // The reference to the box is coerced to one to the option.
                let is_none = "::std::option::Option::is_none";
                field.attrs.push(parse_quote!(#[serde(skip_serializing_if = #is_none)]));
            }
        }
    }
}

/// The items of the builders inside the types.
pub(super) fn builders(types: &mut ItemMod) -> Option<&mut Vec<Item>> {
    let (_, items) = types.content.as_mut()?;
    items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "builder" => {
            module.content.as_mut().map(|(_, items)| items)
        }
        _ => None,
    })
}

/// Nobody builds what only the service sends: that is half of the types' code.
fn drop_builders(types: &mut ItemMod, returned_only: &BTreeSet<String>) {
    let Some((_, items)) = &mut types.content else { return };
    items.retain(|item| match item {
        Item::Impl(block) => !(is_builder_accessor(block) && concerns(block, returned_only)),
        _ => true,
    });
    if let Some(items) = builders(types) {
        items.retain(|item| match item {
            Item::Struct(item) => !returned_only.contains(&item.ident.to_string()),
            Item::Impl(block) => !concerns(block, returned_only),
            _ => true,
        });
    }
}

/// `impl T { pub fn builder() … }`.
fn is_builder_accessor(block: &ItemImpl) -> bool {
    block.trait_.is_none()
        && block
            .items
            .iter()
            .all(|item| matches!(item, ImplItem::Fn(method) if method.sig.ident == "builder"))
}

/// Whether the type of an `impl` is one of those named.
fn concerns(block: &ItemImpl, names: &BTreeSet<String>) -> bool {
    type_name(block).is_some_and(|name| names.contains(&name))
}

/// The last word of the type of an `impl`.
pub(super) fn type_name(block: &ItemImpl) -> Option<String> {
    match &*block.self_ty {
        syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    }
}

/// Doc attributes, one per line, as rustfmt and people write them.
pub(super) fn doc(markdown: &str) -> Vec<Attribute> {
    markdown
        .lines()
        .map(|line| {
            let line = if line.is_empty() { String::new() } else { format!(" {line}") };
            parse_quote!(#[doc = #line])
        })
        .collect()
}

/// Generated code must not panic on anything; nor may a gap go unnoticed.
fn refuse_panics(input: &Input<'_>, code: &str) -> Result<(), Problem> {
    for word in ["todo !", "unimplemented !", "unwrap (", "expect (", "panic !"] {
        if code.contains(word) {
            return Err(input.document.problem(
                "",
                format!("the generated client contains `{}`", word.replace(' ', "")),
                "find the construct that gives rise to it and lower it in xtask/src/normalise",
            ));
        }
    }
    Ok(())
}
