//! `pages.rs`: `.pages()` and `.items()` for every operation that lists.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::{Input, representation};
use crate::document::Problem;
use crate::names::{pascal, snake};
use crate::openapi::{Operation, flag, list, operations, schema_reference, text, texts};
use crate::table::{Ceiling, Paging, Row};

/// One paged operation, as its glue needs it.
struct Paged<'a> {
    row: &'a Row,
    paging: &'a Paging,
    /// The builder's name.
    builder: Ident,
    /// The page's types, each with that of one item and the way to the next
    /// page: one, or two to choose from.
    shapes: Vec<Shape>,
    /// All fields of the builder but the client.
    fields: Vec<Ident>,
    /// Header parameters: field and wire name.
    headers: Vec<(Ident, String)>,
    /// The type of the request body, where it has one.
    body: Option<Ident>,
}

impl Paged<'_> {
    /// The page's type, or the parameter that stands for either.
    fn page(&self) -> TokenStream {
        match self.shapes.as_slice() {
            [Shape { page, .. }] => quote!(types::#page),
            _ => quote!(R),
        }
    }
}

/// The type of a page.
#[derive(Clone)]
struct Shape {
    page: Ident,
    item: TokenStream,
    /// The link or token inside the page.
    next: TokenStream,
}

/// Emits the file.
pub(super) fn emit(input: &Input<'_>) -> Result<TokenStream, Problem> {
    let root = &input.lowering.root;
    let mut pages: Vec<Paged<'_>> = Vec::new();
    for operation in operations(root) {
        let Some(row) = input.rows.iter().find(|row| row.id == operation.id()) else { continue };
        let Some(paging) = &row.paging else { continue };
        pages.push(read(input, &operation, row, paging).ok_or_else(|| {
            input.document.problem(
                &operation.pointer,
                "the page cannot be read from the response",
                "answer with a component schema that has the members `x-page` names, the items a \
                 list of components or of open documents",
            )
        })?);
    }
    let mut shapes: Vec<(&Paged<'_>, &Shape)> = Vec::new();
    for page in &pages {
        for one in &page.shapes {
            if !shapes.iter().any(|(_, known)| known.page == one.page) {
                shapes.push((page, one));
            }
        }
    }
    let shapes = shapes.into_iter().map(|(paged, one)| shape(paged, one));
    let glue = pages.iter().map(glue);
    Ok(quote! {
        use ::progenitor_client::{BoxFuture, Error, Items, Paged, Pages, ResponseValue};
        use ::reqwest::header::{HeaderMap, HeaderName, HeaderValue};

        use super::client::{builder, types};
        use super::operations::OPERATIONS;

        /// The request for one more page, under way.
        type Next<P> = BoxFuture<'static, Result<ResponseValue<P>, Error>>;

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
    input: &Input<'_>,
    operation: &Operation<'_>,
    row: &'a Row,
    paging: &'a Paging,
) -> Option<Paged<'a>> {
    let root = &input.lowering.root;
    let content = operation.value.pointer("/responses/2XX/content/application~1json/schema")?;
    let page = schema_reference(content)?;
    let mut names = vec![page.to_owned()];
    names.extend(representation::larger(input, &row.id).filter(|larger| larger != page));
    let shapes = names.iter().map(|name| read_shape(root, name, paging));
    let shapes = shapes.collect::<Option<Vec<_>>>()?;
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
        shapes,
        fields,
        headers,
        body,
    })
}

fn read_shape(root: &Value, name: &str, paging: &Paging) -> Option<Shape> {
    let shape = component(root, name)?;
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
    let next = if paging.kind == "links-next" {
        let path = [paging.next.as_str(), "next", "href"];
        let steps =
            path.iter().try_fold((Some(shape), TokenStream::new()), |(at, code), name| {
                let at = at?;
                let member = at.get("properties")?.get(*name)?;
                let always = texts(at, "required").contains(name) && !flag(member, "nullable");
                let name = field(name);
                let step = if always {
                    quote!(.map(|it| &it.#name))
                } else {
                    quote!(.and_then(|it| it.#name.as_ref()))
                };
                let target = list(member, "allOf").first().unwrap_or(member);
                let target = schema_reference(target).and_then(|name| component(root, name));
                Some((target, quote!(#code #step)))
            })?;
        let steps = steps.1;
        quote!(Some(self) #steps .map(|it| it.as_str()))
    } else {
        let next = field(&paging.next);
        quote!(self.#next.as_deref())
    };
    Some(Shape { page: format_ident!("{}", pascal(name)), item, next })
}

fn component<'a>(root: &'a Value, name: &str) -> Option<&'a Value> {
    root.pointer(&crate::document::join("/components/schemas", name))
}

fn field(wire: &str) -> Ident {
    format_ident!("{}", snake(wire))
}

/// What a page is to the runtime.
fn shape(paged: &Paged<'_>, shape: &Shape) -> TokenStream {
    let Shape { page, item, next } = shape;
    let items = field(&paged.paging.items);
    let end = paged.paging.short_page_ends.then(|| {
        quote!(
            const END: ::progenitor_client::PageEnd = ::progenitor_client::PageEnd::ShortPage;
        )
    });
    quote! {
        impl Paged for types::#page {
            type Item = #item;
            #end

            fn next(&self) -> Option<&str> {
                #next
            }

            fn into_items(self) -> Vec<Self::Item> {
                self.#items
            }

            fn len(&self) -> usize {
                self.#items.len()
            }
        }
    }
}

/// The methods of one builder.
fn glue(paged: &Paged<'_>) -> TokenStream {
    let Paged { row, builder, fields, .. } = paged;
    let operation = &row.id;
    let page = paged.page();
    let next = match (&paged.body, &paged.paging.send) {
        (Some(body), Some(send)) => by_token(paged, body, send),
        _ => by_link(paged),
    };
    let first = paged.paging.first.as_ref().map(|(name, value)| {
        let name = field(name);
        let value = proc_macro2::Literal::i64_unsuffixed(*value);
        quote! {
            // Without it the service gives no way to the next page.
            let #name = match #name {
                Ok(None) => Ok(Some(#value)),
                set => set,
            };
        }
    });
    let (most, ceiling) = ceiling(paged);
    let chosen = paged.shapes.len() > 1;
    let (of, bound, rest, answer, captured) = if chosen {
        (
            quote!(impl<R> builder::#builder<'_, R>),
            quote!(where R: Paged + ::serde::de::DeserializeOwned + Send + 'static),
            quote!(, ..),
            quote!(, answer: ::std::marker::PhantomData::<fn() -> R>),
            quote!(use<R>),
        )
    } else {
        (quote!(impl builder::#builder<'_>), quote!(), quote!(), quote!(), quote!(use<>))
    };
    quote! {
        #of #bound {
            /// Reads page after page, starting with the first.
            #[must_use = "nothing is sent before a page is asked for"]
            pub fn pages(self) -> Pages<#page> {
                let next = self.next_page();
                #most
                let Self { client, #(#fields),* #rest } = self;
                let client = client.clone();
                #first
                Pages::new(
                    #operation,
                    async move {
                        builder::#builder { client: &client, #(#fields),* #answer }.send().await
                    },
                    next,
                )
                #ceiling
            }

            /// Reads page after page, starting with the one a `continuation`
            /// of an earlier run leads to. The other parameters are those of
            /// the earlier run; only headers are taken from this builder.
            #[must_use = "nothing is sent before a page is asked for"]
            pub fn pages_from(self, continuation: impl Into<String>) -> Pages<#page> {
                #most
                Pages::resume(#operation, continuation, self.next_page()) #ceiling
            }

            /// Reads the items of all pages, one by one.
            #[must_use = "nothing is sent before an item is asked for"]
            pub fn items(self) -> Items<#page> {
                self.pages().items()
            }

            /// How the page behind a link or token is fetched.
            fn next_page(&self) -> impl Fn(String) -> Next<#page> + Send + 'static + #captured {
                #next
            }
        }
    }
}

/// Where the service stops silently: as the call asks for it, else as the spec says.
fn ceiling(paged: &Paged<'_>) -> (TokenStream, TokenStream) {
    let Some(Ceiling { header, default }) = &paged.paging.ceiling else {
        return (quote!(), quote!());
    };
    let default = proc_macro2::Literal::u64_unsuffixed(*default);
    let asked = paged.headers.iter().find(|(_, wire)| wire == header).map(|(field, _)| {
        quote!(if let Ok(Some(value)) = &self.#field {
            value.to_string().parse().unwrap_or(#default)
        } else)
    });
    let braces = |asked: TokenStream| quote!(let most = #asked { #default };);
    (braces(asked.unwrap_or_default()), quote!(.ceiling(#header, most)))
}

/// Next links are followed as given, with the headers of the first request.
fn by_link(paged: &Paged<'_>) -> TokenStream {
    let id = &paged.row.id;
    let names = paged.headers.iter().map(|(field, _)| field);
    let wires = paged.headers.iter().map(|(_, wire)| wire);
    let mutable = if paged.headers.is_empty() { quote!() } else { quote!(mut) };
    quote! {
        let #mutable headers = HeaderMap::new();
        #(
            if let Ok(Some(value)) = &self.#names {
                carry(&mut headers, #wires, value);
            }
        )*
        self.client.inner.links(OPERATIONS, #id, headers)
    }
}

/// The token goes into the body of a request that is otherwise the same.
fn by_token(paged: &Paged<'_>, body: &Ident, send: &str) -> TokenStream {
    let Paged { builder, .. } = paged;
    let page = paged.page();
    let send = field(send);
    let kept: Vec<_> = paged.fields.iter().filter(|field| *field != "body").collect();
    quote! {
        let client = self.client.clone();
        #(let #kept = self.#kept.clone();)*
        move |token: String| -> Next<#page> {
            let client = client.clone();
            #(let #kept = #kept.clone();)*
            let body = types::builder::#body::default().#send(token);
            Box::pin(async move {
                builder::#builder { client: &client, #(#kept,)* body: Ok(body) }.send().await
            })
        }
    }
}
