//! The builders inside `client.rs`: documented setters that keep the reason
//! when a conversion fails, and a `send` without the header nobody asked for.

use std::collections::BTreeMap;

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, FnArg, ImplItem, ImplItemFn, Item, ItemMod, Stmt, parse_quote};

use super::client::{doc, type_name};
use super::docs::OperationDocs;
use super::{conversions, refusals};
use crate::names::pascal;
use crate::normalise::MESSAGE_ID;
use crate::table::Row;

/// Mends all builders.
pub(super) fn mend(
    module: &mut ItemMod,
    rows: &[Row],
    documentation: &BTreeMap<String, OperationDocs>,
) {
    let Some((_, items)) = &mut module.content else { return };
    let by_builder: BTreeMap<_, _> = rows.iter().map(|row| (pascal(&row.id), row)).collect();
    let mut message_ids = Vec::new();
    for item in items.iter_mut() {
        if let Item::Struct(builder) = item {
            refusals::mend_fields(builder);
            // `pages.rs` takes builders apart.
            for field in &mut builder.fields {
                field.vis = parse_quote!(pub(crate));
                if holds_message_id(&field.ty) {
                    message_ids
                        .extend(field.ident.clone().map(|name| (builder.ident.clone(), name)));
                }
            }
        }
    }
    for item in items {
        let Item::Impl(block) = item else { continue };
        let Some(builder) = type_name(block) else { continue };
        let Some(row) = by_builder.get(&builder) else { continue };
        for item in &mut block.items {
            let ImplItem::Fn(function) = item else { continue };
            let name = function.sig.ident.to_string();
            match name.as_str() {
                "new" => refusals::mend_new(function, &row.id),
                "send" => {
                    let made: Vec<_> = message_ids
                        .iter()
                        .filter(|(owner, _)| *owner == builder)
                        .map(|(_, field)| field.clone())
                        .collect();
                    mend_send(function, &row.id, &made);
                }
                _ => {
                    keep_reason(function, &row.id, &name);
                    if let Some(about) =
                        documentation.get(&row.id).and_then(|docs| docs.setters.get(&name))
                    {
                        function.attrs = doc(about);
                    }
                }
            }
        }
    }
}

fn holds_message_id(field: &syn::Type) -> bool {
    field.to_token_stream().to_string().replace(' ', "").contains(MESSAGE_ID)
}

/// A setter: the reason of a failed conversion is kept.
fn keep_reason(function: &mut ImplItemFn, operation: &str, setter: &str) {
    if !conversions::call(&mut function.block, &format!("{operation}: `{setter}`")) {
        return;
    }
    if let Some(FnArg::Typed(_)) = function.sig.inputs.iter().nth(1) {
        let clause = function.sig.generics.make_where_clause();
        // `V: TryInto<T>` stays; how its error is told is the same everywhere.
        clause.predicates = clause.predicates.iter().take(1).cloned().collect();
        clause.predicates.push(parse_quote!(V::Error: ::std::fmt::Display));
    }
}

/// `send`: no `api-version` header, a message id where none was set, and the
/// operation in what a body's builder complains of.
fn mend_send(function: &mut ImplItemFn, operation: &str, message_ids: &[syn::Ident]) {
    function.attrs = doc(
        "Sends the request.\n\n# Errors\nA value that was refused or is missing, before anything \
         is sent; else what the client's method lists.",
    );
    conversions::call(&mut function.block, &format!("{operation}: `body`"));
    drop_version_header(&mut function.block);
    for name in message_ids {
        // Made once per call, so that repeats carry the same id.
        let bound: Stmt = parse_quote! {
            let #name = Some(#name.unwrap_or_else(::progenitor_client::MessageId::random));
        };
        let at = function.block.stmts.iter().position(|statement| is_let(statement, "url"));
        function.block.stmts.insert(at.unwrap_or_default(), bound);
    }
}

/// Takes out the header that progenitor makes of `info.version`, and the
/// header map with it if nothing else goes in.
fn drop_version_header(block: &mut Block) {
    block.stmts.retain(|statement| {
        let code = statement.to_token_stream().to_string();
        !(code.starts_with("header_map") && code.contains("\"api-version\""))
    });
    let used = block
        .stmts
        .iter()
        .filter(|statement| !is_let(statement, "header_map") && !is_let(statement, "request"))
        .any(|statement| statement.to_token_stream().to_string().contains("header_map"));
    if used {
        return;
    }
    block.stmts.retain(|statement| !is_let(statement, "header_map"));
    struct Headers;
    impl VisitMut for Headers {
        fn visit_expr_mut(&mut self, expression: &mut Expr) {
            visit_mut::visit_expr_mut(self, expression);
            if let Expr::MethodCall(call) = expression
                && call.method == "headers"
                && call.args.to_token_stream().to_string() == "header_map"
            {
                *expression = (*call.receiver).clone();
            }
        }
    }
    Headers.visit_block_mut(block);
}

fn is_let(statement: &Stmt, name: &str) -> bool {
    let Stmt::Local(local) = statement else { return false };
    matches!(&local.pat, syn::Pat::Ident(pattern) if pattern.ident == name)
}
