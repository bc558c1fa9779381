//! What the library's advice is called on the command line: its texts name
//! methods, a person at a terminal has options and commands. It must not know
//! where the texts come from.

use std::borrow::Cow;

/// A text of the library and what is said here instead. Longer ones first: one
/// may be within another.
const SPOKEN: &[(&str, &str)] = &[
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
    ("(x_i_twin_query_scope of list_itwins)", "(`twinkit itwin itwins list --all`)"),
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
mod tests {
    use super::*;

    /// What names something of the library and means nothing at a terminal.
    const NAMES: &[&str] = &[
        "user_id",
        "onboard_",
        "rotate_api_token",
        "list_api_tokens",
        "list_device_templates",
        "create_file_upload",
        "update_device",
        "documented_pace",
        "with_ca_pem",
        "recreate_api_tokens",
        "replace_api_tokens",
        "connectionTimeout",
        "responseTimeout",
        "whoami",
        "x_i_twin_query_scope",
        "RoleGrant",
        "list_roles",
        "get_me",
        "update_named_version_checkpoint",
        "list_imodels",
    ];

    #[test]
    fn no_name_of_the_library_is_left() {
        for (said, here) in SPOKEN {
            let text = format!("before; {said}; after");
            let text = spoken(&text);
            assert!(text.contains(here), "{text}");
            for name in NAMES {
                assert!(!text.contains(name), "{name} in {text}");
            }
        }
        for name in NAMES {
            assert!(SPOKEN.iter().any(|(said, _)| said.contains(name)), "{name} is never said");
        }
        assert_eq!(spoken("nothing to change"), "nothing to change");
    }
}
