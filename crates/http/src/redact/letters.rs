//! What the letters of a text mean that is JSON, a URL, HTML, or one of them within
//! another. It must not know what is looked for.

/// The most backslashes before a letter: four texts of JSON, each within another, have
/// no more.
const MOST_BACKSLASHES: usize = 8;

/// How often a percent sign may itself be encoded.
const MOST_TIMES: usize = 3;

/// Longest name of a character in HTML, such as `#x0002B`.
const LONGEST_NAME: usize = 7;

/// The letters of a text.
#[derive(Clone)]
pub(super) struct Letters<'t>(pub(super) &'t [u8]);

impl Iterator for Letters<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (letter, length) = first(self.0)?;
        self.0 = self.0.get(length..).unwrap_or_default();
        Some(letter)
    }
}

/// The first letter of a text, and how many bytes spell it: it stands for itself, or is
/// ASCII in other letters.
pub(super) fn first(text: &[u8]) -> Option<(u8, usize)> {
    let (first, length) = in_url(text)?;
    let spelt = if first == b'&' { named(text, length) } else { None };
    Some(spelt.unwrap_or((first, length)))
}

/// Whether a letter that stands for another may begin so.
pub(super) fn begins_spelling(byte: u8) -> bool {
    matches!(byte, b'\\' | b'%' | b'&')
}

/// A letter of HTML whose `&` is `begin` bytes long.
fn named(text: &[u8], begin: usize) -> Option<(u8, usize)> {
    let (mut name, mut end) = (String::new(), begin);
    while name.len() <= LONGEST_NAME {
        let (letter, length) = in_url(text.get(end..)?)?;
        end += length;
        if letter == b';' {
            return meaning(&name).map(|letter| (letter, end));
        }
        name.push(char::from(letter));
    }
    None
}

fn meaning(name: &str) -> Option<u8> {
    match name {
        "amp" => Some(b'&'),
        "quot" => Some(b'"'),
        "apos" => Some(b'\''),
        "lt" => Some(b'<'),
        "gt" => Some(b'>'),
        _ => {
            let number = name.strip_prefix('#')?;
            match number.strip_prefix(['x', 'X']) {
                Some(number) => u8::from_str_radix(number, 16).ok(),
                None => number.parse().ok(),
            }
            .filter(u8::is_ascii)
        }
    }
}

/// A letter of a URL.
fn in_url(text: &[u8]) -> Option<(u8, usize)> {
    let (first, length) = in_json(text)?;
    let (mut letter, mut end) = (first, length);
    for _ in 0..MOST_TIMES {
        if letter != b'%' {
            break;
        }
        let Some((byte, length)) = text.get(end..).and_then(two_digits) else { break };
        letter = byte;
        end += length;
    }
    Some((letter, end))
}

fn two_digits(text: &[u8]) -> Option<(u8, usize)> {
    let (high, length) = in_json(text)?;
    let (low, more) = in_json(text.get(length..)?)?;
    Some((digit(high)? * 16 + digit(low)?, length + more))
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16)?.try_into().ok()
}

/// A letter of a text in JSON.
fn in_json(text: &[u8]) -> Option<(u8, usize)> {
    let first = *text.first()?;
    let spelt = if first == b'\\' { escaped(text) } else { None };
    Some(spelt.unwrap_or((first, 1)))
}

fn escaped(text: &[u8]) -> Option<(u8, usize)> {
    let backslashes = text.iter().take(MOST_BACKSLASHES).take_while(|byte| **byte == b'\\').count();
    match text.get(backslashes..)? {
        [letter @ (b'"' | b'/'), ..] => Some((*letter, backslashes + 1)),
        [b'u', b'0', b'0', high, low, ..] => {
            let letter = digit(*high)? * 16 + digit(*low)?;
            letter.is_ascii().then_some((letter, backslashes + 5))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &[u8]) -> Vec<u8> {
        Letters(text).collect()
    }

    #[test]
    fn letters_mean_the_same_in_every_spelling() {
        for text in [
            "a+b/c==",
            r"a\u002Bb\/c\u003d\u003D",
            r"a\\u002bb\\\/c\\\\u003d=",
            "a%2Bb%2fc%3D%3d",
            "a%252Bb%25252fc%3D=",
            "a&#x2B;b&#47;c&#x003d;&#61;",
            r"a\u0026#x2B;b\u00252fc%26#x3d;%26#61;",
            r"\u0061%2b%62&#47;&#x63;\u00253D%253D",
        ] {
            assert_eq!(String::from_utf8(meant(text.as_bytes())).unwrap(), "a+b/c==", "{text}");
        }
    }

    #[test]
    fn what_spells_nothing_stands_for_itself() {
        let texts = [
            "", r"\", "%", "&", r"\u00", r"\u00zz", r"\u00e9", r"\n", "%3", "%zz", "&amp", "&#x;",
            "&#233;", "&nope;", "é",
        ];
        for text in texts {
            assert_eq!(meant(text.as_bytes()), text.as_bytes(), "{text}");
        }
        assert_eq!(meant(b"&amp;&lt;&gt;&quot;&apos;"), b"&<>\"'");
    }

    #[test]
    fn long_runs_cost_no_more_than_short_ones() {
        for begin in ["\\", "%25", "&", "\\u0026", "%26#"] {
            let text = begin.repeat(100_000);
            let (_, length) = first(text.as_bytes()).unwrap();
            assert!(length < 32, "{begin}: {length}");
            assert!(!meant(text.as_bytes()).is_empty());
        }
    }
}
