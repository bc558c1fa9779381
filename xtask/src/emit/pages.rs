//! `pages.rs`: `.pages()` and `.items()` for every operation that lists.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::Input;
use crate::document::Problem;
use crate::names::{pascal, snake};
use crate::openapi::{Operation, list, operations, schema_reference, text};
use crate::table::{Paging, Row};

/// One paged operation, as its glue needs it.
struct Paged<'a> {
    row: &'a Row,
    paging: &'a Paging,
    /// The builder's name.
    builder: Ident,
    /// The page's type.
    page: Ident,
    /// The type of one item.
    item: TokenStream,
    /// All fields of the builder but the client.
    fields: Vec<Ident>,
    /// Header parameters: field and wire name.
    headers: Vec<(Ident, String)>,
    /// The type of the request body, where it has one.
    body: Option<Ident>,
}

/// Emits the file.
pub(super) fn emit(input: &Input<'_>) -> Result<TokenStream, Problem> {
    let root = &input.lowering.root;
    let mut pages: Vec<Paged<'_>> = Vec::new();
    for operation in operations(root) {
        let Some(row) = input.rows.iter().find(|row| row.id == operation.id()) else { continue };
        let Some(paging) = &row.paging else { continue };
        pages.push(read(root, &operation, row, paging).ok_or_else(|| {
            input.document.problem(
                &operation.pointer,
                "the page cannot be read from the response",
                "answer with a component schema that has the members `x-page` names, the items a \
                 list of components or of open documents",
            )
        })?);
    }
    let mut shapes: Vec<&Paged<'_>> = Vec::new();
    for page in &pages {
        if !shapes.iter().any(|known| known.page == page.page) {
            shapes.push(page);
        }
    }
    let shapes = shapes.into_iter().map(shape);
    let glue = pages.iter().map(glue);
    Ok(quote! {
        use ::progenitor_client::{Error, Items, Paged, Pages, ResponseValue};
        use ::reqwest::header::{HeaderMap, HeaderName, HeaderValue};

        use super::client::{builder, types};
        use super::operations::OPERATIONS;

        /// The request for one more page, under way.
        type Next<P> = ::std::pin::Pin<
            Box<dyn ::std::future::Future<Output = Result<ResponseValue<P>, Error>> + Send>,
        >;

        #(#shapes)*
        #(#glue)*

        /// Keeps a header of the first request for the requests after it.
        fn carry(headers: &mut HeaderMap, name: &'static str, value: &dyn ::std::fmt::Display) {
            if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    })
}

fn read<'a>(
    root: &Value,
    operation: &Operation<'_>,
    row: &'a Row,
    paging: &'a Paging,
) -> Option<Paged<'a>> {
    let content = operation.value.pointer("/responses/2XX/content/application~1json/schema")?;
    let page = schema_reference(content)?;
    let shape = root.pointer(&crate::document::join("/components/schemas", page))?;
    let item = shape.get("properties")?.get(&paging.items)?.get("items")?;
    let item = match schema_reference(item) {
        Some(name) => {
            let name = format_ident!("{}", pascal(name));
            quote!(types::#name)
        }
        None => {
            text(item, "format").parse().ok().filter(|tokens: &TokenStream| !tokens.is_empty())?
        }
    };
    let parameters = list(operation.value, "parameters");
    let mut fields: Vec<Ident> =
        parameters.iter().map(|parameter| field(text(parameter, "name"))).collect();
    let headers = parameters
        .iter()
        .filter(|parameter| text(parameter, "in") == "header")
        .map(|parameter| {
            let name = text(parameter, "name");
            (field(name), name.to_ascii_lowercase())
        })
        .collect();
    let body = operation
        .value
        .pointer("/requestBody/content/application~1json/schema")
        .and_then(schema_reference)
        .map(|name| format_ident!("{}", pascal(name)));
    fields.extend(operation.value.get("requestBody").map(|_| format_ident!("body")));
    Some(Paged {
        row,
        paging,
        builder: format_ident!("{}", pascal(&row.id)),
        page: format_ident!("{}", pascal(page)),
        item,
        fields,
        headers,
        body,
    })
}

fn field(wire: &str) -> Ident {
    format_ident!("{}", snake(wire))
}

/// What a page is to the runtime.
fn shape(paged: &Paged<'_>) -> TokenStream {
    let Paged { page, item, paging, .. } = paged;
    let items = field(&paging.items);
    let next = field(&paging.next);
    quote! {
        impl Paged for types::#page {
            type Item = #item;

            fn next(&self) -> Option<&str> {
                self.#next.as_deref()
            }

            fn into_items(self) -> Vec<Self::Item> {
                self.#items
            }

            fn is_empty(&self) -> bool {
                self.#items.is_empty()
            }
        }
    }
}

/// The methods of one builder.
fn glue(paged: &Paged<'_>) -> TokenStream {
    let Paged { builder, page, fields, .. } = paged;
    let next = match (&paged.body, &paged.paging.send) {
        (Some(body), Some(send)) => by_token(paged, body, send),
        _ => by_link(paged),
    };
    quote! {
        impl builder::#builder<'_> {
            /// Reads page after page, starting with the first.
            #[must_use = "nothing is sent before a page is asked for"]
            pub fn pages(self) -> Pages<types::#page> {
                let next = self.next_page();
                let Self { client, #(#fields),* } = self;
                let client = client.clone();
                Pages::new(
                    async move { builder::#builder { client: &client, #(#fields),* }.send().await },
                    next,
                )
            }

            /// Reads page after page, starting with the one a `continuation`
            /// of an earlier run leads to. The other parameters are those of
            /// the earlier run; only headers are taken from this builder.
            #[must_use = "nothing is sent before a page is asked for"]
            pub fn pages_from(self, continuation: impl Into<String>) -> Pages<types::#page> {
                Pages::resume(continuation, self.next_page())
            }

            /// Reads the items of all pages, one by one.
            #[must_use = "nothing is sent before an item is asked for"]
            pub fn items(self) -> Items<types::#page> {
                self.pages().items()
            }

            /// How the page behind a link or token is fetched.
            fn next_page(&self) -> impl Fn(String) -> Next<types::#page> + Send + 'static + use<> {
                #next
            }
        }
    }
}

/// Next links are followed as given, with the headers of the first request.
fn by_link(paged: &Paged<'_>) -> TokenStream {
    let id = &paged.row.id;
    let page = &paged.page;
    let names = paged.headers.iter().map(|(field, _)| field);
    let wires = paged.headers.iter().map(|(_, wire)| wire);
    let mutable = if paged.headers.is_empty() { quote!() } else { quote!(mut) };
    quote! {
        let context = self.client.inner.clone();
        let #mutable headers = HeaderMap::new();
        #(
            if let Ok(Some(value)) = &self.#names {
                carry(&mut headers, #wires, value);
            }
        )*
        move |link: String| -> Next<types::#page> {
            let context = context.clone();
            let headers = headers.clone();
            Box::pin(async move { context.follow(OPERATIONS, #id, &link, headers).await })
        }
    }
}

/// The token goes into the body of a request that is otherwise the same.
fn by_token(paged: &Paged<'_>, body: &Ident, send: &str) -> TokenStream {
    let Paged { builder, page, .. } = paged;
    let send = field(send);
    let kept: Vec<_> = paged.fields.iter().filter(|field| *field != "body").collect();
    quote! {
        let client = self.client.clone();
        #(let #kept = self.#kept.clone();)*
        move |token: String| -> Next<types::#page> {
            let client = client.clone();
            #(let #kept = #kept.clone();)*
            let body = types::builder::#body::default().#send(token);
            Box::pin(async move {
                builder::#builder { client: &client, #(#kept,)* body: Ok(body) }.send().await
            })
        }
    }
}
