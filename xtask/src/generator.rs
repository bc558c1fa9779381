//! Running progenitor over a lowered document.
//!
//! progenitor panics on what it does not know and its messages rarely say
//! where. Panics are caught here, and the operation that gives rise to one is
//! found by leaving out all the others.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle};
use serde_json::{Value, json};

use crate::document::{Document, Problem};
use crate::names::joined;
use crate::normalise::Lowering;
use crate::openapi::{METHODS, operations};

/// What the generated client carries to every hook.
const INNER_TYPE: &str = "::progenitor_client::Context";

/// Makes the client's syntax tree from a lowered document.
///
/// # Errors
/// What progenitor cannot take, with the operation where that can be found.
pub fn generate(document: &Document, lowering: &Lowering) -> Result<syn::File, Problem> {
    run(lowering, &lowering.root).map_err(|message| {
        let culprit = operations(&lowering.root).into_iter().find_map(|operation| {
            let alone = only(&lowering.root, operation.path, operation.method);
            let message = run(lowering, &alone).err()?;
            Some((operation.pointer, message))
        });
        let (pointer, message) = culprit.unwrap_or((String::new(), message));
        document.problem(
            pointer,
            format!("the generator cannot carry this: {message}"),
            "write it in a way that is generated elsewhere in the specs, or add a rule under \
             xtask/src/normalise",
        )
    })
}

fn run(lowering: &Lowering, root: &Value) -> Result<syn::File, String> {
    quietly(|| {
        let spec: openapiv3::OpenAPI =
            serde_json::from_value(root.clone()).map_err(|error| error.to_string())?;
        let mut settings = GenerationSettings::new();
        settings
            .with_interface(InterfaceStyle::Builder)
            .with_tag(TagStyle::Merged)
            .with_hooks(HooksMode::Expected)
            .with_inner_type(INNER_TYPE.parse().map_err(|error| format!("{error}"))?)
            .with_map_type("::std::collections::BTreeMap");
        for path in &lowering.types {
            let schema = serde_json::from_value(json!({"type": "string", "format": path}))
                .map_err(|error| error.to_string())?;
            settings.with_conversion(schema, path, [progenitor::TypeImpl::Display].into_iter());
        }
        let tokens =
            Generator::new(&settings).generate_tokens(&spec).map_err(|error| error.to_string())?;
        syn::parse2(renamed(tokens)).map_err(|error| error.to_string())
    })
}

/// The same code, its names as ours are.
fn renamed(tokens: TokenStream) -> TokenStream {
    let rename = |token| match token {
        TokenTree::Ident(ident) => {
            let (name, span) = (ident.to_string(), ident.span());
            let renamed = Some(joined(&name)).filter(|renamed| *renamed != name);
            TokenTree::Ident(renamed.map_or(ident, |renamed| Ident::new(&renamed, span)))
        }
        TokenTree::Group(group) => {
            TokenTree::Group(Group::new(group.delimiter(), renamed(group.stream())))
        }
        TokenTree::Literal(text) => TokenTree::Literal(unset_renamed(&text).unwrap_or(text)),
        other => other,
    };
    tokens.into_iter().map(rename).collect()
}

/// The text of a field that was not set, if it is one, with the field's name as ours is.
fn unset_renamed(text: &Literal) -> Option<Literal> {
    let text = text.to_string();
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    let field = unset_field(text)?;
    Some(Literal::string(&text.replace(field, &joined(field))))
}

/// The field that the generator's word on one that was not set complains of.
pub(crate) fn unset_field(text: &str) -> Option<&str> {
    text.strip_suffix(" was not initialized")
        .or_else(|| text.strip_prefix("no value supplied for "))
}

/// The document with one operation.
fn only(root: &Value, path: &str, method: &str) -> Value {
    let mut alone = root.clone();
    if let Some(paths) = alone.get_mut("paths").and_then(Value::as_object_mut) {
        paths.retain(|key, _| key == path);
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            item.retain(|key, _| key == method || !METHODS.contains(&key.as_str()));
        }
    }
    alone
}

thread_local! {
    /// Whether panics of this thread are expected, and not to be printed.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; a panic becomes an error that holds its message.
fn quietly<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                usual(panic);
            }
        }));
    });
    QUIET.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    outcome.unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Err(message.unwrap_or("it panicked without a message").to_owned())
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn generate_json(root: Value) -> Result<syn::File, Problem> {
        let document = Document::parse(Path::new("a.json"), root.to_string()).unwrap();
        generate(&document, &Lowering::new(document.value.clone(), "crate::generated"))
    }

    fn document(second: Value) -> Value {
        json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {
            "/good": {"get": {"operationId": "good", "responses": {"2XX": {"description": "d"}}}},
            "/bad": {"get": second},
        }})
    }

    #[test]
    fn a_panic_is_caught_and_named_by_operation() {
        let problem = generate_json(document(json!({
            "operationId": "bad",
            "responses": {
                "200": {"description": "a", "content": {"application/json":
                    {"schema": {"type": "string"}}}},
                "201": {"description": "b", "content": {"application/json":
                    {"schema": {"type": "integer"}}}},
            },
        })))
        .unwrap_err();
        assert_eq!(problem.pointer, "/paths/~1bad/get");
        assert!(problem.message.contains("response_types"), "{problem}");
        assert!(!problem.cure.is_empty());
    }

    #[test]
    fn names_that_the_platforms_write_as_one_word_are_one() {
        let code = quote::quote! {
            fn i_twin(r#type: u8) {
                ("i_twin_id was not initialized", "no value supplied for i_models");
                ("iTwinId", type_i_twin)
            }
        };
        assert_eq!(
            renamed(code).to_string(),
            quote::quote! {
                fn itwin(r#type: u8) {
                    ("itwin_id was not initialized", "no value supplied for imodels");
                    ("iTwinId", type_itwin)
                }
            }
            .to_string()
        );
    }

    #[test]
    fn stand_ins_become_their_types() {
        let root = document(json!({
            "operationId": "fine",
            "responses": {"2XX": {"description": "d", "content": {"application/json":
                {"schema": {"type": "string", "format": "crate::ids::TwinId"}}}}},
        }));
        let document = Document::parse(Path::new("a.json"), root.to_string()).unwrap();
        let mut lowering = Lowering::new(root, "crate::generated");
        lowering.types.insert("crate::ids::TwinId".to_owned());
        let file = generate(&document, &lowering).unwrap();
        assert!(prettyplease::unparse(&file).contains("ResponseValue<crate::ids::TwinId>"));
    }

    #[test]
    fn a_stand_in_may_be_null() {
        let mut root = document(json!({
            "operationId": "fine",
            "responses": {"2XX": {"description": "d", "content": {"application/json":
                {"schema": {"$ref": "#/components/schemas/A"}}}}},
        }));
        let time = json!({"type": "string", "format": "crate::Time", "nullable": true});
        root["components"] = json!({"schemas": {"A": {
            "type": "object", "required": ["a"], "properties": {"a": time, "b": time},
        }}});
        let document = Document::parse(Path::new("a.json"), root.to_string()).unwrap();
        let mut lowering = Lowering::new(root, "crate::generated");
        lowering.types.insert("crate::Time".to_owned());
        let code = prettyplease::unparse(&generate(&document, &lowering).unwrap());
        assert!(code.contains("pub a: ::std::option::Option<crate::Time>"), "{code}");
        assert!(code.contains("pub b: ::std::option::Option<crate::Time>"), "{code}");
    }
}
