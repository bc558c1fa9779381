//! Conversions inside `client.rs`: progenitor and typify write each out, with
//! closures that have to be compiled in every setter; here they become calls of
//! the runtime, which also keep the reason when a conversion fails.

use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprMethodCall, ImplItem, Item, ItemMod, Type, parse_quote};

/// Mends the builders of the types.
pub(super) fn mend(types: &mut ItemMod) {
    for item in types.content.iter_mut().flat_map(|(_, items)| items) {
        match item {
            Item::Mod(builders) if builders.ident == "builder" => mend(builders),
            Item::Impl(block) if block.trait_.is_none() => {
                for item in &mut block.items {
                    if let ImplItem::Fn(setter) = item {
                        call(&mut setter.block, &format!("`{}`", setter.sig.ident));
                    }
                }
            }
            _ => {}
        }
    }
}

/// Lets a block call the runtime for its conversions, which name themselves
/// `what`; tells whether there was one.
pub(super) fn call(block: &mut Block, what: &str) -> bool {
    let mut calls = Calls { what, found: false };
    calls.visit_block_mut(block);
    calls.found
}

struct Calls<'a> {
    what: &'a str,
    found: bool,
}

impl VisitMut for Calls<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        let what = self.what;
        if let Expr::MethodCall(call) = expression
            && call.method == "map_err"
        {
            if matches!(call.args.first(), Some(Expr::Closure(_))) {
                let mut value = (*call.receiver).clone();
                let mut given = Given { what, found: false };
                given.visit_expr_mut(&mut value);
                if given.found {
                    *expression = value;
                    self.found = true;
                }
            } else if let Some((builder, made)) = build(&call.receiver) {
                *expression = parse_quote!(::progenitor_client::built::<#made, _>(#builder, #what));
                self.found = true;
            } else {
                // What a builder tells becomes the error by itself.
                *expression = (*call.receiver).clone();
            }
        }
        visit_mut::visit_expr_mut(self, expression);
    }
}

/// `value.try_into()`.
struct Given<'a> {
    what: &'a str,
    found: bool,
}

impl VisitMut for Given<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if let Expr::MethodCall(ExprMethodCall { method, receiver, .. }) = expression
            && method == "try_into"
        {
            let what = self.what;
            *expression = parse_quote!(::progenitor_client::given(#receiver, #what));
            self.found = true;
            return;
        }
        visit_mut::visit_expr_mut(self, expression);
    }
}

/// `builder.and_then(|v| T::try_from(v)…)`: the builder, and the type it makes.
fn build(expression: &Expr) -> Option<(Expr, Type)> {
    let Expr::MethodCall(call) = expression else { return None };
    if call.method != "and_then" {
        return None;
    }
    let mut made = Made(None);
    made.visit_expr_mut(&mut call.args.first()?.clone());
    Some(((*call.receiver).clone(), made.0?))
}

/// The `T` of `T::try_from`.
struct Made(Option<Type>);

impl VisitMut for Made {
    fn visit_expr_path_mut(&mut self, path: &mut syn::ExprPath) {
        let mut names = path.path.clone();
        if names.segments.pop().is_some_and(|last| last.ident == "try_from") {
            names.segments.pop_punct();
            self.0 = Some(parse_quote!(#names));
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn called(code: &str) -> Option<String> {
        let mut block: Block = syn::parse_str(&format!("{{ {code} }}")).unwrap();
        call(&mut block, "get_x: `y`").then(|| {
            quote!(#block).to_string().replace(' ', "").replace("::progenitor_client::", "")
        })
    }

    #[test]
    fn what_a_setter_is_given_is_converted_by_the_runtime() {
        for (code, expected) in [
            ("value.try_into().map_err(|_| format!(\"failed\"))", "{given(value,\"get_x:`y`\")}"),
            (
                "self.y = value.try_into().map(Some).map_err(|_| \"no\".to_string());",
                "{self.y=given(value,\"get_x:`y`\").map(Some);}",
            ),
        ] {
            assert_eq!(called(code).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_body_is_built_by_the_runtime() {
        let code = "let y = y.and_then(|v| types::Y::try_from(v).map_err(|e| e.to_string()))
            .map_err(Error::InvalidRequest)?;";
        let expected = "{lety=built::<types::Y,_>(y,\"get_x:`y`\")?;}";
        assert_eq!(called(code).as_deref(), Some(expected));
    }

    #[test]
    fn what_a_builder_tells_becomes_the_error() {
        let mut block = parse_quote!({
            let y = y.map_err(Error::InvalidRequest)?;
        });
        assert!(!call(&mut block, "get_x: `y`"), "nothing is converted");
        assert_eq!(
            block,
            parse_quote!({
                let y = y?;
            })
        );
    }

    #[test]
    fn others_stay() {
        assert_eq!(called("y.map_err(|error| error.to_string())"), None);
    }
}
