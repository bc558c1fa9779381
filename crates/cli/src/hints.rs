//! What the library's advice is called on the command line: its texts name
//! methods, a person at a terminal has options and commands. It must not know
//! where the texts come from.

use std::borrow::Cow;

/// A text of the library and what is said here instead. Longer ones first: one
/// may be within another.
const SPOKEN: &[(&str, &str)] = &[
    ("as list_organizations shows it", "as the portal shows it (Permissions, Organizations)"),
    ("as list_roles shows it", "as `twinkit iot-central users roles` shows it"),
    ("(make_api_token)", "(`twinkit iot-central tokens create`)"),
    ("give its end (expires)", "give its end (--expires)"),
    ("(default_lifetime)", "(--default-lifetime)"),
    ("overwrite()", "--overwrite"),
    (
        "sign in by device code, or open the address yourself with open_with",
        "sign in by device code (--device)",
    ),
    (
        "give the file's password to ClientCertificate::with_password",
        "give the file's password in AZURE_CLIENT_CERTIFICATE_PASSWORD",
    ),
    ("in one file or in two (ClientCertificate::from_files)", "in one file"),
    ("choose another one with user_id", "choose another one with --user-id"),
    (
        "onboard_credential reads it from the principal's own token",
        "--from-env reads it from the principal's own token",
    ),
    (
        "rotate the token (rotate_api_token)",
        "rotate the token (`twinkit iot-central tokens rotate`)",
    ),
    ("or other_tenant if the caller", "or --other-tenant if the caller"),
    ("list_api_tokens shows", "`twinkit iot-central tokens list` shows"),
    ("(list_device_templates)", "(Device templates in the portal)"),
    (
        "set it anew (create_file_upload)",
        "set it anew (Settings, Device file storage in the portal)",
    ),
    ("update_device with enabled: true", "`twinkit iot-central devices enable ID`"),
    ("(onboard_service_principal)", "(`twinkit iot-central onboard`)"),
    (
        "pacing(documented_pace()) on the client's builder keeps to it",
        "this command keeps to it, so that something else calls as well",
    ),
    (
        "give it to HttpClientConfig::with_ca_pem",
        "name the file with its certificate in SSL_CERT_FILE",
    ),
    ("connectionTimeout (at most 30 seconds)", "--connect-within (at most 30 seconds)"),
    ("raise responseTimeout (at most 30 seconds)", "raise --answer-within (at most 30 seconds)"),
    ("check that the payload stands under request", "check the payload"),
    ("recreate_api_tokens() makes", "--api-tokens FILE makes"),
    ("replace_api_tokens() revokes", "--replace-api-tokens revokes"),
    (
        "(whoami tells it, onboard_credential adds it)",
        "(`twinkit itwin me` tells it, `twinkit itwin onboard` adds it)",
    ),
    ("or by onboard_service_application", "or by `twinkit itwin onboard`"),
    ("(x_itwin_query_scope of list_itwins)", "(`twinkit itwin itwins list --all`)"),
    (
        "onboard_credential takes the address from the credential itself",
        "--from-env takes the address from the credential itself",
    ),
    ("describe it with RoleGrant::made to have it made", "have it made by --make-role"),
    ("by its id: list_roles", "by its id: `twinkit itwin members roles list`"),
    ("it is that of users: get_me", "`twinkit itwin me` tells its owner"),
    ("again: update_named_version_checkpoint", "again: --version VERSION --again"),
    ("look for it with list_imodels", "look for it with `twinkit itwin imodels list`"),
];

/// The text with the library's names as options and commands.
pub(crate) fn spoken(text: &str) -> Cow<'_, str> {
    let known = SPOKEN.iter().filter(|(said, _)| text.contains(said));
    known.fold(Cow::Borrowed(text), |text, (said, here)| Cow::Owned(text.replace(said, here)))
}

#[cfg(test)]
mod texts;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    use texts::Library;

    /// What no command comes to say, and why not.
    const ELSEWHERE: &[(&str, &str)] = &[
        ("application (client) id", "what the portal calls it"),
        ("(token_type is another)", "a member of the identity service's answer"),
        ("$ErrorActionPreference", "a program for PowerShell"),
        ("Credential::on_behalf_of", "no command calls in the name of a user"),
        ("Credential::for_user", "no command calls in the name of a user"),
        ("skip_existing()", "the models of the demo are new"),
        ("get_scheduled_job: `", "no command follows jobs"),
        ("get_job: `", "no command follows jobs"),
        ("update_scheduled_job", "no command follows jobs"),
        ("get_device: `", "ids are checked when the arguments are read"),
        ("query_twins: {error}", "an error begins with its operation"),
        ("`imodels::Conflict::of(&error)`", "no command changes elements or takes locks"),
        ("create_device sends any id", "ids are checked when the arguments are read"),
    ];

    /// Names of the library in a text that mean nothing at a terminal: methods,
    /// operations, and whatever is written as a call or a path.
    fn names_in(text: &str, names: &BTreeSet<String>) -> Vec<String> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let text = without_places(text);
        let (mut found, mut rest) = (Vec::new(), text.as_str());
        while let Some(start) = rest.find(is_part) {
            let (before, from) = rest.split_at(start);
            let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
            let (word, behind) = from.split_at(end);
            let is_alone = before.ends_with('(') && behind.starts_with(')');
            let is_known = names.contains(word) && (word.contains('_') || is_alone);
            if is_known || behind.starts_with("()") || behind.starts_with("::") {
                found.push(word.to_owned());
            }
            rest = behind;
        }
        found
    }

    /// The text without the places where values come to stand.
    fn without_places(text: &str) -> String {
        let mut parts = text.split('{');
        let mut whole = parts.next().unwrap_or_default().to_owned();
        whole.extend(parts.map(|part| part.split_once('}').map_or(part, |(_, behind)| behind)));
        whole
    }

    #[test]
    fn no_name_of_the_library_is_left() {
        let Library { texts, names } = Library::read();
        assert!(texts.len() > 300 && names.len() > 300, "{}, {}", texts.len(), names.len());
        // The operations of all platforms are among the names.
        assert!(
            ["list_organizations", "query_twins", "get_me"].iter().all(|id| names.contains(*id))
        );
        let mut left = Vec::new();
        for (path, text) in &texts {
            if ELSEWHERE.iter().any(|(said, _)| text.contains(said)) {
                continue;
            }
            let names = names_in(&spoken(text), &names);
            if !names.is_empty() {
                left.push(format!("{names:?} in {}: {text}", path.display()));
            }
        }
        assert!(left.is_empty(), "{} left:\n{}", left.len(), left.join("\n"));
        let is_said = |part: &str| texts.iter().any(|(_, text)| text.contains(part));
        for (said, _) in SPOKEN.iter().chain(ELSEWHERE) {
            assert!(is_said(said), "{said} is never said");
        }
        assert_eq!(spoken("nothing to change"), "nothing to change");
    }
}
