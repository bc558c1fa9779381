//! The texts of the library that may reach a terminal, read from its sources, and
//! the names of its methods: what the table of `hints` is held to. It must not
//! know the table.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The crates whose errors and advice the commands show.
const CRATES: [&str; 6] = ["auth", "digital-twins", "http", "iot-central", "itwin", "runtime"];

/// What was found in the sources.
#[derive(Default)]
pub(super) struct Library {
    /// Texts of several words, each with the file that it stands in.
    pub(super) texts: Vec<(PathBuf, String)>,
    /// Names of methods and functions that callers of the library have.
    pub(super) names: BTreeSet<String>,
}

impl Library {
    pub(super) fn read() -> Self {
        let mut library = Self::default();
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for name in CRATES {
            library.read_folder(&crates.join(name).join("src"));
        }
        library
    }

    fn read_folder(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            // Texts of generated code are documentation; its names are called.
            match path.is_dir() {
                true if name == "tests" => {}
                true => {
                    let before = self.texts.len();
                    self.read_folder(&path);
                    if name == "generated" {
                        self.texts.truncate(before);
                    }
                }
                false if name == "tests" => {}
                false => {
                    let source = fs::read_to_string(&path).unwrap();
                    self.read_tokens(&path, source.parse().unwrap());
                }
            }
        }
    }

    fn read_tokens(&mut self, path: &Path, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let rest = tokens.get(at + 1..).unwrap_or_default();
            at += 1;
            match token {
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    if let Some(skipped) = self.read_attribute(path, rest) {
                        at += skipped;
                    }
                }
                TokenTree::Ident(word) if *word == "pub" => self.names.extend(function(rest)),
                TokenTree::Group(group) => self.read_tokens(path, group.stream()),
                TokenTree::Literal(literal) => {
                    let text = said(&literal.to_string());
                    self.texts.extend(text.map(|text| (path.to_owned(), text)));
                }
                _ => {}
            }
        }
    }

    /// Errors have their texts in attributes; in others stands documentation. Gives
    /// how many tokens there is nothing in: a test goes with its attribute.
    fn read_attribute(&mut self, path: &Path, rest: &[TokenTree]) -> Option<usize> {
        let at = rest.iter().take(2).position(|token| is_group(token, Delimiter::Bracket))?;
        let TokenTree::Group(attribute) = rest.get(at)? else { return None };
        let text = attribute.stream().to_string().replace(' ', "");
        if text.starts_with("error(") {
            self.read_tokens(path, attribute.stream());
        }
        let is_test = text.starts_with("cfg(") && text.contains("test");
        let item = rest.get(at + 1..).filter(|_| is_test).unwrap_or_default();
        let ends = |token: &TokenTree| is_group(token, Delimiter::Brace) || is_semicolon(token);
        Some(at + 1 + item.iter().position(ends).map_or(0, |end| end + 1))
    }
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(mark) if mark.as_char() == ';')
}

/// The name of the function that follows `pub`, if one does.
fn function(rest: &[TokenTree]) -> Option<String> {
    let mut words = rest.iter().map_while(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    words.find(|word| !matches!(word.as_str(), "async" | "const")).filter(|word| word == "fn")?;
    words.next()
}

/// A literal as it is said, if it is a text of several words.
fn said(literal: &str) -> Option<String> {
    let text = literal.strip_suffix('"')?.split_once('"')?.1;
    // A line that is broken goes on behind the blanks of the next one.
    let mut parts = text.split("\\\n");
    let mut said = parts.next()?.to_owned();
    said.extend(parts.map(str::trim_start));
    let said = said.replace("\\\"", "\"");
    said.contains(' ').then_some(said)
}
