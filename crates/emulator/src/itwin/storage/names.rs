//! Names of folders and files, as bodies give them.

use super::{
    INVALID,
    drives::{Drives, Nature},
};
use crate::itwin::{ApiError, errors::Detail, rules::Body, state::Document};

/// Longest name.
const NAME: usize = 255;
/// Longest description.
const DESCRIPTION: usize = 4000;
/// Characters that no name has; control characters neither.
const FORBIDDEN: [char; 9] = ['\\', '/', ':', '*', '?', '"', '<', '>', '|'];
/// Endings of the names of programs.
const PROGRAMS: [&str; 14] = [
    "bat", "cmd", "com", "cpl", "dll", "exe", "hta", "jar", "msi", "pif", "ps1", "scr", "vbs",
    "wsf",
];

/// What a body says of an item.
#[derive(Debug)]
pub(super) struct Draft<'d> {
    pub(super) name: Option<&'d str>,
    /// None inside: it is to have none.
    pub(super) description: Option<Option<&'d str>>,
}

impl<'d> Draft<'d> {
    /// Looks a body over; a new item must have a name.
    pub(super) fn read(
        document: &'d Document,
        nature: Nature,
        is_new: bool,
    ) -> Result<Self, ApiError> {
        let mut body = Body::new(document);
        let name =
            if is_new || body.names("displayName") { body.text("displayName", NAME) } else { None };
        let description = body.optional_any_text("description", DESCRIPTION);
        let description = body.names("description").then_some(description);
        if name.is_some_and(has_forbidden) {
            // The platform names no target here.
            body.fault(Detail::new("InvalidValue", "The name has characters that none may have."));
        }
        body.verdict(INVALID)?;
        if nature == Nature::File && name.is_some_and(is_program) {
            return Err(refused(nature, "Programs are not stored."));
        }
        Ok(Self { name, description })
    }
}

fn has_forbidden(name: &str) -> bool {
    name.contains(|c: char| c.is_control() || FORBIDDEN.contains(&c))
}

fn is_program(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.trim_end());
    ending.is_some_and(|ending| PROGRAMS.iter().any(|it| it.eq_ignore_ascii_case(ending)))
}

/// 422 if another item of the folder has this name.
pub(super) fn check_free(
    drives: &Drives,
    folder_id: &str,
    name: &str,
    own_id: Option<&str>,
    nature: Nature,
) -> Result<(), ApiError> {
    let lowered = name.to_lowercase();
    let is_taken = drives
        .within(folder_id)
        .iter()
        .any(|item| own_id != Some(item.id.as_str()) && item.name.to_lowercase() == lowered);
    if is_taken { Err(refused(nature, "Another item of the folder has the name.")) } else { Ok(()) }
}

fn refused(nature: Nature, message: &str) -> ApiError {
    let code = match nature {
        Nature::Folder => "InvalidCreateFolderRequest",
        Nature::File => "InvalidCreateFileRequest",
    };
    ApiError::invalid(code, vec![Detail::invalid_value("displayName", message)])
}

/// Whether a name is one that a text with wildcards stands for: `*` for any text,
/// `?` for one character.
pub(super) fn matches(wanted: &str, name: &str) -> bool {
    let wanted: Vec<char> = wanted.to_lowercase().chars().collect();
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let (mut at, mut reached) = (0, 0);
    // Where to go on if the text behind the last star does not fit here.
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = name.get(reached) {
        match wanted.get(at) {
            Some('*') => {
                star = Some((at + 1, reached));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == c => {
                at += 1;
                reached += 1;
            }
            _ => {
                let Some((behind, from)) = star else { return false };
                star = Some((behind, from + 1));
                (at, reached) = (behind, from + 1);
            }
        }
    }
    wanted.iter().skip(at).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_texts_and_characters() {
        for (wanted, name) in [
            ("plan.pdf", "Plan.PDF"),
            ("*.pdf", "plan.pdf"),
            ("p*n*", "plan.pdf"),
            ("pl?n.*", "plan.pdf"),
            ("*", "plan"),
            ("**a*", "plan"),
            ("*ab", "aab"),
        ] {
            assert!(matches(wanted, name), "{wanted} {name}");
        }
        for (wanted, name) in [("plan", "plan.pdf"), ("?", "ab"), ("*.pdf", "pdf"), ("", "a")] {
            assert!(!matches(wanted, name), "{wanted} {name}");
        }
    }

    #[test]
    fn programs_and_odd_characters_are_known() {
        assert!(is_program("setup.EXE") && is_program("a.b.cmd "));
        assert!(!is_program("exe") && !is_program("plan.exe.pdf"));
        assert!(has_forbidden("a/b") && has_forbidden("a\nb") && !has_forbidden("a b (1).dgn"));
    }
}
