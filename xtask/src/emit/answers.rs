//! What builders send and read where it is neither JSON nor nothing: pictures.

use quote::ToTokens;
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ImplItem, ImplItemFn, Item, ItemMod, parse_quote};

use super::Input;
use super::client::type_name;
use crate::names::pascal;
use crate::normalise::IMAGE;
use crate::openapi::{Operation, members, operations, text};

/// Mends all builders.
pub(super) fn mend(module: &mut ItemMod, input: &Input<'_>) {
    let Some((_, items)) = &mut module.content else { return };
    for operation in operations(&input.lowering.root) {
        let change = Change {
            sends_picture: sends_picture(&operation),
            reads_picture: reads_picture(&operation),
        };
        if !(change.sends_picture || change.reads_picture) {
            continue;
        }
        if let Some(send) = send_of(items, &pascal(operation.id())) {
            let mut change = change;
            change.visit_block_mut(&mut send.block);
        }
    }
}

/// Whether an operation's body is a picture.
pub(super) fn sends_picture(operation: &Operation<'_>) -> bool {
    operation.value.get("requestBody").is_some_and(holds_picture)
}

/// Whether an operation's answer is a picture.
pub(super) fn reads_picture(operation: &Operation<'_>) -> bool {
    members(operation.value, "responses").any(|(_, response)| holds_picture(response))
}

fn holds_picture(holder: &Value) -> bool {
    let schema = holder.pointer("/content/application~1json/schema");
    schema.is_some_and(|schema| text(schema, "format") == IMAGE)
}

/// The `send` of a builder.
pub(super) fn send_of<'a>(items: &'a mut [Item], builder: &str) -> Option<&'a mut ImplItemFn> {
    items.iter_mut().find_map(|item| {
        let Item::Impl(block) = item else { return None };
        if type_name(block).as_deref() != Some(builder) {
            return None;
        }
        block.items.iter_mut().find_map(|item| match item {
            ImplItem::Fn(function) if function.sig.ident == "send" => Some(function),
            _ => None,
        })
    })
}

struct Change {
    sends_picture: bool,
    reads_picture: bool,
}

impl VisitMut for Change {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        match expression {
            Expr::MethodCall(call) if self.sends_picture && call.method == "json" => {
                let request = &call.receiver;
                *expression = parse_quote! {
                    #request
                        .header(::reqwest::header::CONTENT_TYPE, body.content_type())
                        .body(body.into_bytes())
                };
            }
            Expr::Path(path)
                if self.reads_picture
                    && path.to_token_stream().to_string() == "ResponseValue :: from_response" =>
            {
                *expression = parse_quote!(ResponseValue::image);
            }
            _ => {}
        }
    }
}
