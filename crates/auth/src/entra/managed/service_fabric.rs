//! Service Fabric: not covered. Its endpoint shows a self-signed certificate
//! that is known by its SHA-1 thumbprint only, and clients of this workspace
//! have no way to trust a certificate by a thumbprint.

use crate::{AuthError, AuthErrorKind};

pub(super) const NAME: &str = "managed identity of Service Fabric";

pub(super) fn not_covered() -> AuthError {
    AuthError::new(
        AuthErrorKind::Config,
        NAME,
        "this is a Service Fabric cluster (IDENTITY_SERVER_THUMBPRINT is set), whose managed \
         identity is not covered: its endpoint can be trusted by a SHA-1 thumbprint only",
    )
    .with_hint("use a certificate or a federated credential of an application instead")
}
