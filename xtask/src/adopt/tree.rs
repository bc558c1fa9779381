//! Where everything stands in a YAML text: a tree of places with byte ranges.
//!
//! It knows YAML only, nothing of OpenAPI. Values are not kept; those come
//! from [`crate::document`].

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

/// A node and the bytes it takes.
#[derive(Debug)]
pub struct Place {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one that says something: trailing blank lines
    /// and comments are outside.
    pub end: usize,
    /// What is inside.
    pub inside: Inside,
}

/// What a node holds.
#[derive(Debug)]
pub enum Inside {
    /// A scalar, or an alias: nothing can be added.
    Nothing,
    /// A list, and whether it is written in brackets.
    Items(Vec<Place>, bool),
    /// Members with the byte at which each key starts, and whether it is
    /// written in braces.
    Members(Vec<(String, usize, Place)>, bool),
}

impl Place {
    /// Parses a text of one YAML document.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut events = Vec::new();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| error.to_string())?;
            match event {
                Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart(..)
                | Event::DocumentEnd
                | Event::Comment(..) => {}
                event => events.push((event, span)),
            }
        }
        let mut reader = Reader { text, events: events.into_iter() };
        reader.node().ok_or_else(|| "the text ends early".to_owned())
    }

    /// The place a JSON pointer names.
    pub fn at(&self, pointer: &str) -> Option<&Self> {
        let mut place = self;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            place = match &place.inside {
                Inside::Nothing => return None,
                Inside::Items(items, _) => items.get(step.parse::<usize>().ok()?)?,
                Inside::Members(members, _) => {
                    members.iter().find(|(key, ..)| *key == step).map(|(.., place)| place)?
                }
            };
        }
        Some(place)
    }
}

struct Reader<'t, I> {
    text: &'t str,
    events: I,
}

impl<'t, I: Iterator<Item = (Event<'t>, Span)>> Reader<'t, I> {
    fn node(&mut self) -> Option<Place> {
        let (event, span) = self.events.next()?;
        self.node_of(event, span)
    }

    fn node_of(&mut self, event: Event<'t>, span: Span) -> Option<Place> {
        let range = span.byte_range()?;
        match event {
            Event::SequenceStart(style, ..) => {
                let flow = style == StructureStyle::Flow;
                let mut items = Vec::new();
                loop {
                    let (event, span) = self.events.next()?;
                    if matches!(event, Event::SequenceEnd) {
                        let last = items.last().map(|item: &Place| item.end);
                        let end = end_of(flow, span, last, range.end)?;
                        return Some(Place {
                            start: range.start,
                            end,
                            inside: Inside::Items(items, flow),
                        });
                    }
                    items.push(self.node_of(event, span)?);
                }
            }
            Event::MappingStart(style, ..) => {
                let flow = style == StructureStyle::Flow;
                let mut members: Vec<(String, usize, Place)> = Vec::new();
                loop {
                    let (event, span) = self.events.next()?;
                    match event {
                        Event::MappingEnd => {
                            let last = members.last().map(|(.., place)| place.end);
                            let end = end_of(flow, span, last, range.end)?;
                            return Some(Place {
                                start: range.start,
                                end,
                                inside: Inside::Members(members, flow),
                            });
                        }
                        Event::Scalar(key, ..) => {
                            let start = span.byte_range()?.start;
                            let place = self.node()?;
                            members.push((key.into_owned(), start, place));
                        }
                        // A key that is no scalar has no name; its value is skipped over.
                        event => {
                            self.node_of(event, span)?;
                            self.node()?;
                        }
                    }
                }
            }
            Event::Scalar(_, style, ..) => {
                let mut end = range.end;
                if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                    let before = self.text.get(range.start..range.end)?;
                    end = range.start + before.trim_end().len();
                }
                Some(Place { start: range.start, end, inside: Inside::Nothing })
            }
            _ => Some(Place { start: range.start, end: range.end, inside: Inside::Nothing }),
        }
    }
}

/// A bracket says itself where it ends; a block ends with its last child.
fn end_of(flow: bool, span: Span, last: Option<usize>, otherwise: usize) -> Option<usize> {
    if flow { Some(span.byte_range()?.end) } else { Some(last.unwrap_or(otherwise)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_end_where_their_last_word_ends() {
        let text = "a: # remark\n  b: x # y\n  c: |\n    one\n\n    # two\n\n# after\nd: {e: [1, 2], f: g}\nh:\n- i\n- j: k\n";
        let place = Place::parse(text).unwrap();
        let slice = |pointer: &str| {
            let place = place.at(pointer).unwrap();
            text.get(place.start..place.end).unwrap()
        };
        assert_eq!(slice("/a/b"), "x");
        assert!(slice("/a/c").ends_with("# two"));
        assert!(slice("/a").ends_with("# two"));
        assert_eq!(slice("/d"), "{e: [1, 2], f: g}");
        assert_eq!(slice("/d/e"), "[1, 2]");
        assert_eq!(slice("/h/1/j"), "k");
        assert!(place.at("/h/2").is_none());
    }
}
