//! Azure Arc: the agent of a machine outside Azure. It proves that the caller
//! may read a file that only administrators and the group `himds` can: the
//! first answer names the file, the second request carries its text. The name
//! comes from whoever listens at the agent's port, so it is checked before
//! anything is read.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use reqwest::{Client, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};

use super::answer::Refusal;
use super::request::{Ask, Identity, Reply};
use super::{Host, not_reached};
use crate::oauth::Exchange;
use crate::{AccessToken, AuthError, AuthErrorKind, BoxFuture};

pub(super) const NAME: &str = "managed identity of Azure Arc";

/// Where the agent listens if the environment does not say.
pub(super) const ENDPOINT: &str = "http://127.0.0.1:40342/metadata/identity/oauth2/token";

const MAX_KEY: u64 = 4096;

/// Whether paths differ by case alone.
const CASE_COUNTS: bool = !cfg!(windows);

pub(super) struct Arc {
    pub(super) endpoint: Url,
    pub(super) identity: Identity,
    /// Where the agent puts its keys.
    pub(super) folder: PathBuf,
}

impl Host for Arc {
    fn name(&self) -> &'static str {
        NAME
    }

    fn ask<'a>(&'a self, resource: &'a str) -> Result<Ask<'a>, AuthError> {
        let mut parameters = vec![("api-version", "2020-06-01"), ("resource", resource)];
        let identity = self.identity.parameter("msi_res_id");
        parameters.extend(identity);
        Ok(Ask::get(&self.endpoint, &parameters).metadata().expecting(identity))
    }

    fn explain(&self, refusal: Refusal) -> AuthError {
        let hint = match refusal.status.as_u16() {
            400 => "check the scope and the id that was given for the identity",
            401 | 403 => "the key was not taken; it lives for a moment only, so try again",
            _ => "check the agent with `azcmagent show`; the machine must be connected",
        };
        let kind = refusal.kind();
        refusal.into_error(NAME, kind).with_hint(hint)
    }

    fn attempt<'a>(
        &'a self,
        http: &'a Client,
        resource: &'a str,
        exchange: Exchange<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(async move {
            let headers = match self.ask(resource)?.send(http, exchange).await? {
                Reply::Refused(refusal) if refusal.status == StatusCode::UNAUTHORIZED => {
                    refusal.headers
                }
                Reply::Refused(refusal) => return Err(self.explain(*refusal)),
                Reply::Unreachable(error) => return Err(stopped(error)),
                Reply::Token(_) => {
                    let message = "a token came without a challenge, which the agent never omits";
                    return Err(AuthError::new(AuthErrorKind::Protocol, NAME, message));
                }
            };
            let key = read_key(&challenged_path(&headers)?, &self.folder)?;
            let proof = SecretString::from(format!("Basic {}", key.expose_secret()));
            let ask = self.ask(resource)?.secret(NAME, "authorization", proof)?.hiding(key);
            match ask.send(http, exchange).await? {
                Reply::Token(token) => Ok(token),
                Reply::Unreachable(error) => Err(stopped(error)),
                Reply::Refused(refusal) => Err(self.explain(*refusal)),
            }
        })
    }
}

fn stopped(error: AuthError) -> AuthError {
    not_reached(error)
        .with_hint("start the agent's service himds (`azcmagent show` tells its state)")
}

/// The path in `WWW-Authenticate: Basic realm=PATH`, the only challenge known.
fn challenged_path(headers: &HeaderMap) -> Result<PathBuf, AuthError> {
    let mut values = headers.get_all(WWW_AUTHENTICATE).into_iter();
    let value = values.next().filter(|_| values.next().is_none());
    let path = value.and_then(|value| {
        let (scheme, rest) = value.to_str().ok()?.trim().split_once(' ')?;
        let (name, path) = rest.trim_start().split_once('=')?;
        let known = scheme.eq_ignore_ascii_case("basic") && name.eq_ignore_ascii_case("realm");
        let path = path.trim();
        let bare = path.strip_prefix('"').and_then(|path| path.strip_suffix('"')).unwrap_or(path);
        (known && !bare.is_empty()).then(|| PathBuf::from(bare))
    });
    path.ok_or_else(|| refuse("its challenge is not the agent's (Basic realm=PATH)"))
}

/// The key in the file at `path`, which must lie directly in `folder`, by its
/// name and in truth.
fn read_key(path: &Path, folder: &Path) -> Result<SecretString, AuthError> {
    if path.components().any(|part| matches!(part, Component::ParentDir | Component::CurDir)) {
        return Err(refuse("the path of its key climbs through folders"));
    }
    check_place(path, folder)?;
    let real = path.canonicalize().map_err(unreadable)?;
    let real_folder = folder.canonicalize().map_err(unreadable)?;
    check_place(&real, &real_folder)?;
    // Before opening: to open a pipe would wait for its writer.
    check_file(&fs::symlink_metadata(&real).map_err(unreadable)?)?;
    let file = File::open(&real).map_err(unreadable)?;
    check_file(&file.metadata().map_err(unreadable)?)?;
    let mut key = String::with_capacity(MAX_KEY as usize);
    file.take(MAX_KEY).read_to_string(&mut key).map_err(unreadable)?;
    key.truncate(key.trim_end().len());
    if key.is_empty() || key.chars().any(char::is_control) {
        return Err(refuse("its key file does not hold a key"));
    }
    Ok(key.into())
}

/// The key that the headers of a challenge lead to, for the fuzz targets.
#[cfg(feature = "_fuzzing")]
pub(crate) fn challenged_key(
    headers: &HeaderMap,
    folder: &Path,
) -> Result<SecretString, AuthError> {
    read_key(&challenged_path(headers)?, folder)
}

fn check_place(path: &Path, folder: &Path) -> Result<(), AuthError> {
    let same = |one: &OsStr, other: &OsStr| {
        if CASE_COUNTS { one == other } else { one.eq_ignore_ascii_case(other) }
    };
    let inside = path.is_absolute()
        && path.parent().is_some_and(|parent| same(parent.as_os_str(), folder.as_os_str()));
    if !inside {
        let message = format!("its key does not lie in the agent's folder {}", folder.display());
        return Err(refuse(&message));
    }
    if !path.extension().is_some_and(|ending| same(ending, OsStr::new("key"))) {
        return Err(refuse("its key file does not end in .key"));
    }
    Ok(())
}

fn check_file(metadata: &fs::Metadata) -> Result<(), AuthError> {
    if !metadata.is_file() {
        return Err(refuse("its key is no ordinary file"));
    }
    if metadata.len() > MAX_KEY {
        return Err(refuse("its key file is larger than 4096 bytes"));
    }
    Ok(())
}

fn refuse(fault: &str) -> AuthError {
    AuthError::new(AuthErrorKind::Protocol, NAME, format!("the agent is not trusted: {fault}"))
        .with_hint("something other than the agent may listen at its port; check it with azcmagent")
}

fn unreadable(error: io::Error) -> AuthError {
    let denied = error.kind() == io::ErrorKind::PermissionDenied;
    let message = format!("the agent's key file cannot be read: {}", error.kind());
    // Not a wrong setting: the agent has been asked already.
    let kind = if denied { AuthErrorKind::Denied } else { AuthErrorKind::Protocol };
    let result = AuthError::new(kind, NAME, message).with_cause(error);
    if denied {
        result.with_hint(
            "the program's user may not read the agent's keys; add it to the group himds \
             (`sudo usermod -aG himds USER`, then sign in anew), on Windows to Administrators or \
             Hybrid Agent Extension Applications",
        )
    } else {
        result
    }
}

impl fmt::Debug for Arc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arc")
            .field("identity", &self.identity)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(challenge: &str) -> Option<PathBuf> {
        let headers = [(WWW_AUTHENTICATE, challenge.parse().unwrap())].into_iter().collect();
        challenged_path(&headers).ok()
    }

    #[test]
    fn one_kind_of_challenge_is_known() {
        for text in ["Basic realm=/k/a.key", "basic Realm=\"/k/a.key\"", "Basic  realm= /k/a.key"] {
            assert_eq!(path(text), Some(PathBuf::from("/k/a.key")), "{text}");
        }
        for text in ["", "Basic", "Basic realm=", "Bearer realm=/k/a.key", "Basic x=/k", "realm=/k"]
        {
            assert_eq!(path(text), None, "{text}");
        }
        let two = [(WWW_AUTHENTICATE, "Basic realm=/a"), (WWW_AUTHENTICATE, "Basic realm=/b")];
        let two = two.map(|(name, value)| (name, value.parse().unwrap())).into_iter().collect();
        assert!(challenged_path(&two).is_err());
        assert!(challenged_path(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_key_that_may_not_be_read_has_its_cure() {
        let error = unreadable(io::Error::from(io::ErrorKind::PermissionDenied));
        assert_eq!(error.kind(), AuthErrorKind::Denied);
        assert!(error.hint().unwrap().contains("group himds"));
        assert_eq!(unreadable(io::Error::from(io::ErrorKind::NotFound)).hint(), None);
    }

    proptest! {
        #[test]
        fn no_challenge_panics(text in "(Basic realm=)?[ -~]{0,60}") {
            let _ = path(&text);
        }
    }
}
