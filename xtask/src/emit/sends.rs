//! `send` of the builders inside `client.rs`: the request is handed to the
//! runtime in one call. progenitor writes the hooks around each call out, which
//! is compiled anew for every operation.

use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ImplItem, Item, ItemMod, Local, Pat, Stmt, parse_quote};

use super::{Input, operations};
use crate::document::Problem;

/// Mends all builders.
///
/// # Errors
/// A `send` that is not written as expected: progenitor has changed.
pub(super) fn mend(module: &mut ItemMod, input: &Input<'_>) -> Result<(), Problem> {
    for item in module.content.iter_mut().flat_map(|(_, items)| items) {
        let Item::Impl(block) = item else { continue };
        for item in &mut block.items {
            let ImplItem::Fn(function) = item else { continue };
            if function.sig.ident == "send" {
                rewrite(&mut function.block).ok_or_else(|| {
                    input.document.problem(
                        "",
                        "a builder's `send` is not what is expected of progenitor",
                        "see what it emits now, and follow it in xtask/src/emit/sends.rs",
                    )
                })?;
            }
        }
    }
    Ok(())
}

/// From `let mut request = …` on, `send` is the runtime's.
fn rewrite(block: &mut Block) -> Option<()> {
    let at = block.stmts.iter().position(|statement| named(statement).is_some())?;
    let mut rest = block.stmts.split_off(at);
    let mut request = unasked(rest.first().and_then(named)?)?.clone();
    Accept.visit_expr_mut(&mut request);
    let mut found = Found::default();
    rest.iter_mut().for_each(|statement| found.visit_stmt_mut(statement));
    let operation = operations::name(&found.operation?);
    let answer = match found.reader?.as_str() {
        "from_response" => quote!(?.decode()),
        "image" => quote!(?.image()),
        reader => {
            let reader = format_ident!("{reader}");
            quote!(.map(::progenitor_client::Answer::#reader))
        }
    };
    block.stmts.push(parse_quote!(let request = #request;));
    let call: Expr =
        parse_quote!(client.inner.call(request, &operations::#operation).await #answer);
    block.stmts.push(Stmt::Expr(call, None));
    Some(())
}

/// `let mut request = …`.
fn named(statement: &Stmt) -> Option<&Local> {
    match statement {
        Stmt::Local(local) => match &local.pat {
            Pat::Ident(pattern) if pattern.ident == "request" => Some(local),
            _ => None,
        },
        _ => None,
    }
}

/// What comes before the question mark.
fn unasked(local: &Local) -> Option<&Expr> {
    match &*local.init.as_ref()?.expr {
        Expr::Try(asked) => Some(&asked.expr),
        _ => None,
    }
}

/// Takes `.header(ACCEPT, …)` away: the runtime sets it, by the operation table.
struct Accept;

impl VisitMut for Accept {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::MethodCall(call) = expression
            && call.method == "header"
            && call.args.first().is_some_and(|name| {
                name.to_token_stream().to_string().replace(' ', "").ends_with("header::ACCEPT")
            })
        {
            *expression = (*call.receiver).clone();
        }
    }
}

/// The operation's id, and what reads the answer.
#[derive(Default)]
struct Found {
    operation: Option<String>,
    reader: Option<String>,
}

impl VisitMut for Found {
    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        if matches!(&field.member, syn::Member::Named(name) if name == "operation_id")
            && let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(id), .. }) = &field.expr
        {
            self.operation = Some(id.value());
        }
    }

    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        let function = call.func.to_token_stream().to_string().replace(' ', "");
        if let Some(reader) = function.strip_prefix("ResponseValue::") {
            self.reader = Some(reader.to_owned());
        }
        visit_mut::visit_expr_call_mut(self, call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(reads: &str) -> Option<String> {
        let mut block: Block = syn::parse_str(&format!(
            "{{
                let url = format!(\"{{}}/x\", client.baseurl);
                let mut request = client.client.get(url).header(::reqwest::header::ACCEPT, x).build()?;
                let info = OperationInfo {{ operation_id: \"get_x\" }};
                let result = client.exec(request, &info).await;
                let response = result?;
                match response.status().as_u16() {{
                    200..=299 => {reads},
                    _ => Err(Error::UnexpectedResponse(response)),
                }}
            }}"
        ))
        .unwrap();
        rewrite(&mut block)?;
        let last = block.stmts.split_off(1);
        Some(quote!(#(#last)*).to_string().replace(' ', ""))
    }

    #[test]
    fn a_request_is_handed_on_and_its_answer_read() {
        let request = "letrequest=client.client.get(url).build();";
        let call = "client.inner.call(request,&operations::GET_X).await";
        assert_eq!(
            rewritten("ResponseValue::from_response(response).await").unwrap(),
            format!("{request}{call}?.decode()")
        );
        assert_eq!(
            rewritten("Ok(ResponseValue::empty(response))").unwrap(),
            format!("{request}{call}.map(::progenitor_client::Answer::empty)")
        );
    }

    #[test]
    fn what_is_not_known_is_told() {
        assert_eq!(rewritten("Ok(response)"), None);
    }
}
