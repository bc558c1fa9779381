//! The callers of the contract tests: each operation, called with values that
//! come from outside.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::{Input, answers};
use crate::document::Problem;
use crate::names::{pascal, snake};
use crate::normalise::{IMAGE, PREFER};
use crate::openapi::{Operation, list, operations, schema_reference, text};

/// The header of the file.
pub(super) const ABOUT: &str = "\
One caller per operation, for the contract tests.

`call` sets every parameter for which it is given a value, by its name on
the wire (the request body is `body`), and answers with what the client
decoded. What should have been sent is for the tests to read from the spec.";

/// Emits the file.
///
/// # Errors
/// A parameter whose type has no place in a caller yet.
pub(super) fn emit(input: &Input<'_>) -> Result<TokenStream, Problem> {
    let root = &input.lowering.root;
    let library = library(input);
    let mut calls = Vec::new();
    let mut ids = Vec::new();
    for operation in operations(root) {
        ids.push(operation.id());
        calls.push(one(input, &operation)?);
    }
    Ok(quote! {
        use #library::Client;

        use super::{Answer, Failure, Values};

        /// The operations that `call` knows.
        pub const OPERATIONS: &[&str] = &[#(#ids),*];

        /// Calls `operation` with `values`.
        ///
        /// # Errors
        /// The client's error; or that there is no such operation, or no such type of value.
        pub async fn call(
            client: &Client,
            operation: &str,
            values: &Values,
        ) -> Result<Answer, Failure> {
            match operation {
                #(#ids => #calls)*
                unknown => Err(Failure::UnknownOperation(unknown.to_owned())),
            }
        }
    })
}

/// The client's library, and the module of it that the API is.
fn library(input: &Input<'_>) -> TokenStream {
    let library = format_ident!("{}", input.api.library);
    let inner = input.api.module.split("::").skip(1).filter(|word| *word != "generated");
    let inner = inner.map(|word| format_ident!("{word}"));
    quote!(#library #(::#inner)*)
}

/// Where in the generated module a type stands that is no text to its setter.
fn emitted<'a>(input: &Input<'_>, path: &'a str) -> Option<&'a str> {
    let place = path.strip_prefix(input.api.module)?.strip_prefix("::")?;
    ["kinds", "patches"].contains(&place).then_some(place)
}

fn one(input: &Input<'_>, operation: &Operation<'_>) -> Result<TokenStream, Problem> {
    let method = format_ident!("{}", operation.id());
    let mut sets = Vec::new();
    let parameters = list(operation.value, "parameters").iter().map(|parameter| {
        (text(parameter, "name"), parameter.get("schema").unwrap_or(&Value::Null))
    });
    let body = operation.value.pointer("/requestBody/content/application~1json/schema");
    let chosen = input.lowering.representations.contains_key(operation.id());
    for (wire, schema) in parameters.chain(body.map(|schema| ("body", schema))) {
        if chosen && wire == PREFER {
            continue;
        }
        if text(schema, "format") == IMAGE {
            sets.push(quote! {
                if let Some(value) = values.get::<String>(#wire)? {
                    request = request.body(progenitor_client::Image::png(value));
                }
            });
            continue;
        }
        let setter = format_ident!("{}", snake(wire));
        let set = setting(input, operation, schema, true)?;
        sets.push(quote! {
            if let Some(value) = values.get(#wire)? {
                let value: #set = value;
                request = request.#setter(value);
            }
        });
    }
    let mutable = if sets.is_empty() { quote!() } else { quote!(mut) };
    let read = answers::reads_picture(operation)
        .then(|| quote!(.map(|image| String::from_utf8_lossy(image.bytes()).into_owned())));
    let answer = if chosen {
        quote! {
            match values.get::<String>(#PREFER)? {
                None => Answer::new(request.send().await?),
                Some(_) => Answer::new(request.representation().send().await?),
            }
        }
    } else {
        quote!(Answer::new(request.send().await? #read))
    };
    Ok(quote! {
        {
            let #mutable request = client.#method();
            #(#sets)*
            #answer
        }
    })
}

/// The Rust type in which a value is handed to a setter. Setters convert text
/// into ids and the like themselves, but not inside lists.
fn setting(
    input: &Input<'_>,
    operation: &Operation<'_>,
    schema: &Value,
    converted: bool,
) -> Result<TokenStream, Problem> {
    let library = library(input);
    if let Some(name) = schema_reference(schema) {
        let name = format_ident!("{}", pascal(name));
        return Ok(quote!(#library::types::#name));
    }
    let format = text(schema, "format");
    Ok(match text(schema, "type") {
        "array" => {
            let item =
                setting(input, operation, schema.get("items").unwrap_or(&Value::Null), false)?;
            quote!(Vec<#item>)
        }
        "integer" => quote!(i64),
        "number" => quote!(f64),
        "boolean" => quote!(bool),
        "string" => match format.rsplit_once("::") {
            Some((path, name)) if emitted(input, path).is_some() => {
                let place = format_ident!("{}", emitted(input, path).unwrap_or_default());
                let name = format_ident!("{name}");
                quote!(#library::#place::#name)
            }
            Some((_, name)) if converted && !matches!(name, "Json" | "JsonPatch") => {
                quote!(String)
            }
            Some((path, name)) if path.starts_with("crate::") => {
                let name = format_ident!("{name}");
                quote!(#library::#name)
            }
            Some((_, name)) => {
                let name = format_ident!("{name}");
                quote!(progenitor_client::#name)
            }
            None => quote!(String),
        },
        kind => {
            return Err(input.document.problem(
                &operation.pointer,
                format!("a value of the type `{kind}` cannot be put into a caller"),
                "teach xtask/src/emit/callers.rs the type",
            ));
        }
    })
}
