//! What the emulator's storage reads of those who call it.

use std::sync::LazyLock;
use std::time::Duration;

use twinkit_emulator::storage::{Permissions, Storage, fuzzing};

use crate::support::text;

static STORAGE: LazyLock<Storage> = LazyLock::new(|| fuzzing::storage().unwrap());

/// The query string of a signed address, alone and behind one that is signed. Nothing
/// opens a blob but a signature of this storage's, which no text can guess, and that
/// one opens no other blob.
pub fn shared_access(data: &[u8]) {
    let Some(query) = text(data) else { return };
    assert!(!fuzzing::opens(&STORAGE, "in", "a", query), "{query}");
    let signed = STORAGE.signed_url("in", "a", Permissions::read(), Duration::from_secs(3600));
    let (_, signed) = signed.split_once('?').unwrap();
    assert!(fuzzing::opens(&STORAGE, "in", "a", signed));
    for both in [format!("{signed}&{query}"), format!("{query}&{signed}")] {
        assert!(!fuzzing::opens(&STORAGE, "in", "b", &both), "{both}");
    }
}

/// A block list. What is read is in the text, in that order, and is read the same when
/// it is written plainly.
pub fn block_list(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let Some(ids) = fuzzing::block_list(text) else { return };
    let mut rest = text;
    let mut plain = String::from("<BlockList>");
    for (among, id) in &ids {
        let behind = rest.split_once(id.as_str()).map(|(_, behind)| behind);
        rest = behind.unwrap_or_else(|| panic!("{id:?} is not in {text:?}"));
        plain += &format!("<{among}>{id}</{among}>");
    }
    let again = fuzzing::block_list(&(plain + "</BlockList>")).unwrap_or_default();
    let kept: Vec<_> = ids.into_iter().filter(|(_, id)| !id.is_empty()).collect();
    assert_eq!(again, kept, "{text}");
}
