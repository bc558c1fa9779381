//! Where in a JSON text a position lies, as a path of names and indices.
//!
//! A wrapper around the deserializer would know the path as well, but is
//! compiled again for each type that is ever decoded, which doubles what users
//! compile. This walks the text once more instead, and only after a failure.

use std::fmt::Write;

enum Step {
    Member(String),
    Item(usize),
}

/// The path to what stands at `line` and `column` (from 1, in bytes, as
/// `serde_json` counts), such as `value[1].name`; `.` for the whole text. The
/// text must be JSON up to there.
pub(super) fn path(text: &[u8], line: usize, column: usize) -> String {
    let before: usize = text
        .split_inclusive(|byte| *byte == b'\n')
        .take(line.saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let text = text.get(..before.saturating_add(column)).unwrap_or(text);
    let mut steps: Vec<Step> = Vec::new();
    let mut wants_name = false;
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' => {
                steps.push(Step::Member(String::new()));
                wants_name = true;
            }
            b'[' => {
                steps.push(Step::Item(0));
                wants_name = false;
            }
            b'}' | b']' => {
                steps.pop();
                wants_name = false;
            }
            b',' => match steps.last_mut() {
                Some(Step::Item(index)) => *index += 1,
                _ => wants_name = true,
            },
            b'"' => {
                let string = string(&mut bytes);
                if let (true, Some(Step::Member(name))) = (wants_name, steps.last_mut()) {
                    *name = string;
                    wants_name = false;
                }
            }
            _ => {}
        }
    }
    written(&steps)
}

/// The content of the string that has just begun, escapes as they stand.
fn string<'a>(bytes: &mut impl Iterator<Item = &'a u8>) -> String {
    let mut content = Vec::new();
    let mut escaped = false;
    for byte in bytes {
        match byte {
            b'"' if !escaped => break,
            b'\\' if !escaped => escaped = true,
            _ => escaped = false,
        }
        content.push(*byte);
    }
    String::from_utf8_lossy(&content).into_owned()
}

fn written(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        let _ = match step {
            Step::Item(index) => write!(path, "[{index}]"),
            Step::Member(name) if path.is_empty() => write!(path, "{name}"),
            Step::Member(name) => write!(path, ".{name}"),
        };
    }
    if path.is_empty() { ".".to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn positions_have_paths() {
        let text = "{\"a\": [1, {\"b,]\\\"\": \"x}\",\n \"c\": [[], 2]}]}";
        for (line, column, expected) in [
            (1, 0, "."),
            (1, 8, "a[0]"),
            (1, 25, "a[1].b,]\\\""),
            (2, 12, "a[1].c[1]"),
            (2, 14, "a[1]"),
            (2, 99, "."),
            (9, 9, "."),
        ] {
            assert_eq!(path(text.as_bytes(), line, column), expected, "{line}:{column}");
        }
        assert_eq!(path(b"]]}}\"", 1, 5), ".");
    }
}
