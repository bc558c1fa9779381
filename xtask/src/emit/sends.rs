//! `send` of the builders inside `client.rs`: the request is handed to the
//! runtime in one call. progenitor writes the hooks around each call out, which
//! is compiled anew for every operation.

use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Block, Expr, ExprLit, ExprMethodCall, ImplItem, Item, ItemMod, Lit, LitStr, Local, Macro, Pat,
    Stmt, Token, parse_quote,
};

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
    let mut addresses = Addresses::default();
    addresses.visit_block_mut(block);
    if !addresses.are_made {
        return None;
    }
    let at = block.stmts.iter().position(|statement| named(statement).is_some())?;
    let mut rest = block.stmts.split_off(at);
    let mut request = unasked(rest.first().and_then(named)?)?.clone();
    let mut headers = Headers { are_set: false };
    headers.visit_expr_mut(&mut request);
    block.stmts.iter_mut().for_each(set_by_runtime);
    let mut found = Found::default();
    rest.iter_mut().for_each(|statement| found.visit_stmt_mut(statement));
    let operation = operations::name(&found.operation?);
    let answer = match found.reader?.as_str() {
        "from_response" => quote!(?.decode()),
        reader @ ("image" | "empty") => {
            let reader = format_ident!("{reader}");
            quote!(?.#reader())
        }
        reader => {
            let reader = format_ident!("{reader}");
            quote!(.map(::progenitor_client::Answer::#reader))
        }
    };
    block.stmts.push(parse_quote!(let request = #request;));
    if headers.are_set {
        block.stmts.push(parse_quote! {
            let request = ::progenitor_client::with_headers(request, header_map);
        });
    }
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

/// Takes `.header(ACCEPT, …)` away, which the runtime sets by the operation table, and
/// `.headers(header_map)`, which would copy each.
struct Headers {
    are_set: bool,
}

impl VisitMut for Headers {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::MethodCall(call) = expression {
            let argument = call.args.first().map(code).unwrap_or_default();
            let is_accept = call.method == "header" && argument.ends_with("header::ACCEPT");
            let is_map = call.method == "headers" && argument == "header_map";
            self.are_set |= is_map;
            if is_accept || is_map {
                *expression = (*call.receiver).clone();
            }
        }
    }
}

/// A parameter that is a header becomes a call of the runtime; the map has room for
/// what every call adds.
fn set_by_runtime(statement: &mut Stmt) {
    const ROOM: usize = 6;
    let written = code(statement);
    if written.starts_with("letmutheader_map=") {
        *statement = parse_quote! {
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(#ROOM);
        };
        return;
    }
    let mut appended = Appended(None);
    appended.visit_stmt_mut(statement);
    if let Some((name, value)) = appended.0 {
        let given = match statement {
            // `if let Some(value) = given { … }`
            Stmt::Expr(Expr::If(asked), _) => match &*asked.cond {
                Expr::Let(bound) => (*bound.expr).clone(),
                _ => return,
            },
            _ => parse_quote!(Some(#value)),
        };
        *statement =
            parse_quote!(::progenitor_client::set_header(&mut header_map, #name, #given)?;);
    }
}

/// The name and the value of `header_map.append(name, value.to_string().try_into()?)`.
struct Appended(Option<(String, Expr)>);

impl VisitMut for Appended {
    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        if call.method == "append"
            && code(&call.receiver) == "header_map"
            && let [Expr::Lit(ExprLit { lit: Lit::Str(name), .. }), Expr::Try(made)] =
                &call.args.iter().cloned().collect::<Vec<_>>()[..]
            && let Expr::MethodCall(converted) = &*made.expr
            && let Expr::MethodCall(text) = &*converted.receiver
        {
            self.0 = Some((name.value().to_lowercase(), (*text.receiver).clone()));
        }
        visit_mut::visit_expr_method_call_mut(self, call);
    }
}

fn code(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(' ', "")
}

/// The address is made by the runtime, which has read the base URL before. Path
/// parameters are encoded while it is written: `encode_path` would want a text of each.
#[derive(Default)]
struct Addresses {
    are_made: bool,
}

impl VisitMut for Addresses {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::Macro(written) = expression
            && let Some(arguments) = below_base(&written.mac)
        {
            *expression = parse_quote!(client.inner.address(format_args!(#arguments)));
            self.are_made = true;
        }
    }
}

/// The arguments of `format!("{}/…", client.baseurl, …)`, without the base.
fn below_base(written: &Macro) -> Option<Punctuated<Expr, Token![,]>> {
    let read = Punctuated::<Expr, Token![,]>::parse_terminated;
    let mut arguments = written.parse_body_with(read).ok()?.into_iter();
    let Expr::Lit(ExprLit { lit: Lit::Str(template), .. }) = arguments.next()? else { return None };
    if code(&arguments.next()?) != "client.baseurl" {
        return None;
    }
    let path = LitStr::new(template.value().strip_prefix("{}")?, template.span());
    let values = arguments.map(|argument| match segment(&argument) {
        Some(value) => parse_quote!(PathSegment(&#value)),
        None => argument,
    });
    Some(std::iter::once(parse_quote!(#path)).chain(values).collect())
}

/// The value in `encode_path(&value.to_string())`.
fn segment(argument: &Expr) -> Option<Expr> {
    let Expr::Call(call) = argument else { return None };
    if code(&call.func) != "encode_path" {
        return None;
    }
    let Expr::Reference(text) = call.args.first()? else { return None };
    let Expr::MethodCall(made) = &*text.expr else { return None };
    (made.method == "to_string").then(|| (*made.receiver).clone())
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
            && let Expr::Lit(ExprLit { lit: Lit::Str(id), .. }) = &field.expr
        {
            self.operation = Some(id.value());
        }
    }

    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        let function = code(&call.func);
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
                let url = format!(\"{{}}/x/{{}}\", client.baseurl, encode_path(&id.to_string()));
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
        let url = block.stmts.remove(0).to_token_stream().to_string().replace(' ', "");
        let made = "leturl=client.inner.address(format_args!(\"/x/{}\",PathSegment(&id)));";
        assert_eq!(url, made);
        let last = block.stmts;
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
            format!("{request}{call}?.empty()")
        );
    }

    #[test]
    fn parameters_that_are_headers_are_set_by_the_runtime() {
        let mut block: Block = parse_quote!({
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map.append("Operation-Id", id.to_string().try_into()?);
            if let Some(value) = if_match {
                header_map.append("If-Match", value.to_string().try_into()?);
            }
            let other = 1;
        });
        block.stmts.iter_mut().for_each(set_by_runtime);
        let expected: Block = parse_quote!({
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(6usize);
            ::progenitor_client::set_header(&mut header_map, "operation-id", Some(id))?;
            ::progenitor_client::set_header(&mut header_map, "if-match", if_match)?;
            let other = 1;
        });
        assert_eq!(code(&block), code(&expected));
        let mut request = parse_quote!(client.get(url).headers(header_map).build());
        let mut headers = Headers { are_set: false };
        headers.visit_expr_mut(&mut request);
        assert_eq!((code(&request).as_str(), headers.are_set), ("client.get(url).build()", true));
    }

    #[test]
    fn what_is_not_known_is_told() {
        assert_eq!(rewritten("Ok(response)"), None);
    }
}
