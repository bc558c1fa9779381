//! Signing in with whatever is here: the sources in order, or one that was
//! asked for. It must not know what the token is used for.

use anyhow::{Result, bail};
use twinkit::auth::{AccessToken, AuthError, Credential};

use super::sources::{Outcome, Source};
use super::target::Target;
use crate::usage::wrong;

/// What was found.
pub(crate) struct SignedIn {
    pub(crate) source: Source,
    pub(crate) token: AccessToken,
    /// What gave the token, and gives the next one.
    pub(crate) credential: Credential,
}

/// Asks the sources in order until one gives a token, or `only` that one.
pub(crate) async fn sign_in(target: &Target, only: Option<Source>) -> Result<SignedIn> {
    let request = target.request()?;
    let sources = Source::for_target(target);
    let sources = match only {
        None => sources.to_vec(),
        Some(source) if sources.contains(&source) => vec![source],
        Some(source) => {
            return Err(wrong(format!("{} cannot sign in for {target}", source.name())));
        }
    };
    let mut passed_over = Vec::new();
    for source in sources {
        match source.ask(target, &request).await {
            Outcome::Token(token, credential) => return Ok(SignedIn { source, token, credential }),
            Outcome::NotHere(error) => passed_over.push(error),
            Outcome::Failed(error) => {
                tell(&passed_over);
                return Err(error.into());
            }
        }
    }
    tell(&passed_over);
    let doctor = match target {
        Target::DigitalTwins => "twinkit doctor".to_owned(),
        other => format!("twinkit doctor --for {other}"),
    };
    bail!("nothing here can sign in for {target}; `{doctor}` tells what to do")
}

fn tell(passed_over: &[AuthError]) {
    for error in passed_over {
        tell!("not used: {error}");
    }
}
