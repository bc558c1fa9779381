//! `hooks.rs`: the one hook that sends requests, tied to the runtime.

use proc_macro2::TokenStream;
use quote::quote;

/// Emits the file.
pub(super) fn emit() -> TokenStream {
    quote! {
        use ::progenitor_client::{ClientHooks, Context, Error, OperationInfo};

        use super::client::Client;
        use super::operations::OPERATIONS;

        impl ClientHooks<Context> for Client {
            async fn exec(
                &self,
                request: ::reqwest::Request,
                info: &OperationInfo,
            ) -> Result<::reqwest::Response, Error> {
                self.inner.exec(request, OPERATIONS, info).await
            }
        }
    }
}
