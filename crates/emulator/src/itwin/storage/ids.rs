//! Ids of folders and files: the GUID of the iTwin and one of the item, in
//! base64url. The root folder's second GUID is that of the iTwin again; that, and
//! the order of bytes within the GUIDs, is read off the platform's own ids.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// The id of the root folder of an iTwin.
pub(super) fn root(itwin_id: &str) -> String {
    let itwin = Uuid::try_parse(itwin_id).unwrap_or_default();
    encode(itwin, itwin)
}

/// A new id in an iTwin.
pub(super) fn new(itwin_id: &str) -> String {
    encode(Uuid::try_parse(itwin_id).unwrap_or_default(), Uuid::new_v4())
}

fn encode(itwin: Uuid, item: Uuid) -> String {
    URL_SAFE_NO_PAD.encode([itwin.to_bytes_le(), item.to_bytes_le()].as_flattened())
}

/// The id of the iTwin that an id says it is of.
pub(super) fn itwin_of(id: &str) -> Option<String> {
    let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(id).ok()?.try_into().ok()?;
    let itwin = bytes.first_chunk::<16>()?;
    Some(Uuid::from_bytes_le(*itwin).to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_root_folder_has_the_platforms_own_id() {
        let itwin = "c36c0051-0590-4282-be2f-ed3e8520ad01";
        assert_eq!(root(itwin), "UQBsw5AFgkK-L-0-hSCtAVEAbMOQBYJCvi_tPoUgrQE");
        assert_eq!(itwin_of(&root(itwin)).as_deref(), Some(itwin));
        let one = new(itwin);
        assert_eq!(itwin_of(&one).as_deref(), Some(itwin));
        assert_ne!(one, new(itwin));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,60}") {
            let _ = itwin_of(&text);
            let _ = root(&text);
        }
    }
}
