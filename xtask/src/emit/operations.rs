//! `operations.rs`: the operation table as a static, each row under a name of its
//! own, so that nothing is looked up when an operation is called.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::Input;
use crate::table::{Paging, Row, Wait};

/// Emits the file.
pub(super) fn emit(input: &Input<'_>) -> TokenStream {
    let rows = input.rows.iter().map(row);
    let names: Vec<_> = input.rows.iter().map(|row| name(&row.id)).collect();
    quote! {
        use ::progenitor_client::{Operation, Paging, PagingKind, Served, Wait};

        #(pub(crate) const #names: Operation = #rows;)*

        /// Every operation of the API, sorted by id.
        pub static OPERATIONS: &[Operation] = &[#(#names),*];
    }
}

/// The name of an operation's row.
pub(super) fn name(operation: &str) -> Ident {
    format_ident!("{}", operation.to_uppercase())
}

fn row(row: &Row) -> TokenStream {
    let Row { id, vendor_id, method, path, success, idempotent, retry_500, scopes, group, .. } =
        row;
    let api_version = option(row.api_version.as_ref().map(|text| quote!(#text)));
    let accept = option(row.accept.as_ref().map(|text| quote!(#text)));
    let content_type = option(row.content_type.as_ref().map(|text| quote!(#text)));
    let served = option(
        row.served
            .as_ref()
            .map(|(header, value)| quote!(Served { header: #header, value: #value })),
    );
    let redirects = row.redirects;
    let success = success.iter().map(|status| proc_macro2::Literal::u16_unsuffixed(*status));
    let answer_seconds = option(row.answer_seconds.map(|seconds| {
        let seconds = proc_macro2::Literal::u64_unsuffixed(seconds);
        quote!(#seconds)
    }));
    let paging = option(row.paging.as_ref().map(paging));
    let wait = option(row.wait.as_ref().map(wait));
    quote! {
        Operation {
            id: #id,
            vendor_id: #vendor_id,
            method: #method,
            path: #path,
            api_version: #api_version,
            accept: #accept,
            served: #served,
            content_type: #content_type,
            success: &[#(#success),*],
            redirects: #redirects,
            idempotent: #idempotent,
            retry_500: #retry_500,
            answer_seconds: #answer_seconds,
            scopes: &[#(#scopes),*],
            paging: #paging,
            wait: #wait,
            group: #group,
        }
    }
}

fn paging(paging: &Paging) -> TokenStream {
    let Paging { kind, items, next, .. } = paging;
    let kind = quote::format_ident!("{}", crate::names::pascal(kind));
    quote!(Paging { kind: PagingKind::#kind, items: #items, next: #next })
}

fn wait(wait: &Wait) -> TokenStream {
    let Wait { status_operation, status_field, succeeded, failed } = wait;
    quote! {
        Wait {
            status_operation: #status_operation,
            status_field: #status_field,
            succeeded: &[#(#succeeded),*],
            failed: &[#(#failed),*],
        }
    }
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}
