//! Descriptions are made safe to stand in Rust documentation, and say what of
//! them is not verified.
//!
//! progenitor copies them as they are: brackets become broken links, angle
//! brackets become HTML, an indented line becomes a doctest that fails.

use serde_json::Value;

use super::{Lowering, Rule};

pub const RULE: Rule = Rule { name: "descriptions escaped", apply };

fn apply(lowering: &mut Lowering) -> usize {
    let mut count = 0;
    walk(&mut lowering.root, &mut count);
    count
}

fn walk(value: &mut Value, count: &mut usize) {
    match value {
        Value::Object(members) => {
            let doubt = members.get("x-unverified").and_then(Value::as_str).map(unverified);
            for (key, member) in members {
                match member {
                    Value::String(text) if key == "description" || key == "summary" => {
                        let mut safe = escape(text);
                        if let Some(doubt) = doubt.as_ref().filter(|_| key == "description") {
                            safe = format!("{safe}\n\n{doubt}");
                        }
                        *count += usize::from(safe != *text);
                        *text = safe;
                    }
                    member => walk(member, count),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, count)),
        _ => {}
    }
}

/// What documentation says of something that is inferred (`x-unverified`).
pub fn unverified(doubt: &str) -> String {
    format!("Not verified: {}", escape(doubt))
}

/// Escapes what rustdoc would read as a link or as HTML, outside code, and
/// takes indentation away.
pub fn escape(text: &str) -> String {
    let lines: Vec<_> = text.trim().lines().map(|line| escape_line(line.trim())).collect();
    lines.join("\n")
}

fn escape_line(line: &str) -> String {
    let mut safe = String::with_capacity(line.len());
    // An odd number of marks means that the last one opens nothing.
    let marks = line.matches('`').count();
    let mut seen = 0;
    for c in line.chars() {
        if c == '`' {
            seen += 1;
        }
        let in_code = seen % 2 == 1 && seen < marks;
        if !in_code && matches!(c, '[' | ']' | '<' | '>') {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn links_and_markup_are_escaped_outside_code() {
        assert_eq!(escape("a [b] <c> `[d]<e>`"), r"a \[b\] \<c\> `[d]<e>`");
        assert_eq!(escape("a ` [b]"), r"a ` \[b\]");
        assert_eq!(escape("one\n    two\n"), "one\ntwo");
    }

    #[test]
    fn only_descriptions_are_touched() {
        let mut lowering = Lowering::new(
            json!({"description": "[a]", "x": [{"summary": "<b>", "name": "[c]"}],
                   "y": {"description": "d", "x-unverified": "[e]"}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 3);
        assert_eq!(
            lowering.root,
            json!({"description": r"\[a\]", "x": [{"summary": r"\<b\>", "name": "[c]"}],
                   "y": {"description": "d\n\nNot verified: \\[e\\]", "x-unverified": "[e]"}}),
        );
    }
}
