//! Shorthands for tests of sign-in.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::ffi::OsString;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::TryStreamExt as _;
use serde_json::Value;
use twinkit_auth::{
    AccessToken, AuthError, Credential, EntraBuilder, ExposeSecret as _, TokenRequest,
};
use twinkit_digital_twins::{Client, Error, TOKEN_SCOPE};
use twinkit_emulator::Emulator;

/// A token for Digital Twins.
pub(super) fn twins() -> TokenRequest {
    TokenRequest::new([TOKEN_SCOPE]).unwrap()
}

/// A client of the emulator's instance.
pub(super) fn client(emulator: &Emulator, credential: Credential) -> Client {
    Client::builder(emulator.digital_twins_url(), credential).build().unwrap()
}

/// Calls the instance.
pub(super) async fn list_models(client: &Client) -> Result<(), Error> {
    client.list_models().items().try_collect::<Vec<_>>().await.map(drop)
}

/// Calls the instance; gives the claims of the token that opened it.
pub(super) async fn reach_twins(emulator: &Emulator, credential: &Credential) -> Value {
    list_models(&client(emulator, credential.clone())).await.unwrap();
    claims(&credential.token(&twins()).await.unwrap())
}

/// Why a credential gave no token for Digital Twins.
pub(super) async fn refused(credential: &Credential) -> AuthError {
    credential.token(&twins()).await.unwrap_err()
}

/// The builder, at the emulator's authority.
pub(super) fn at<W>(emulator: &Emulator, builder: EntraBuilder<W>) -> EntraBuilder<W> {
    builder.authority(emulator.authority_url())
}

/// What stands in a token that is a JWT.
pub(super) fn claims(token: &AccessToken) -> Value {
    let body = token.secret().expose_secret().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

/// The requests of a service whose path ends so.
pub(super) fn requests(emulator: &Emulator, service: &str, end: &str) -> usize {
    let log = emulator.requests().list();
    log.iter().filter(|request| request.service == service && request.path.ends_with(end)).count()
}

/// How often the token endpoint was asked.
pub(super) fn token_requests(emulator: &Emulator) -> usize {
    requests(emulator, "identity", "/token")
}

/// The error of this crate's auth that is behind a client's.
pub(super) fn auth_error(error: &Error) -> &AuthError {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<AuthError>() {
            return found;
        }
        next = error.source();
    }
    panic!("no token is behind {error:?}")
}

/// Looks variables up in a map.
pub(super) fn in_map(
    map: BTreeMap<String, String>,
) -> impl Fn(&str) -> Option<OsString> + Send + Sync + 'static {
    move |name| map.get(name).map(OsString::from)
}
