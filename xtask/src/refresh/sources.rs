//! `specs/sources.toml`: which vendor's file belongs to which API, and the
//! state in which it was last taken. Edits keep every remark in place.

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use crate::document::Problem;

/// What stands for a commit that nobody named.
pub const UNKNOWN: &str = "unknown";

/// One vendor's file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The API it describes.
    pub api: String,
    /// Its name in a folder given by hand.
    pub file: String,
    /// Where to get it; `{commit}` stands for the commit.
    pub address: String,
    /// The commit it was taken at.
    pub commit: Spanned<String>,
    /// The SHA-256 it had, in lower-case hex.
    pub sha256: Spanned<String>,
    /// The licence it is published under (SPDX).
    pub licence: String,
    /// The day it was last taken, `YYYY-MM-DD`.
    pub retrieved: Spanned<String>,
}

impl Source {
    /// The address at a commit.
    pub fn address_at(&self, commit: &str) -> String {
        self.address.replace("{commit}", commit)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    source: Vec<Source>,
    #[serde(default)]
    unpublished: Vec<Unpublished>,
}

/// An API of which the vendor has no file that could be taken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unpublished {
    /// The API.
    pub api: String,
    /// Why there is none.
    pub reason: String,
}

/// All that the file says.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The vendors' files.
    pub files: Vec<Source>,
    /// The APIs without one.
    pub unpublished: Vec<Unpublished>,
}

/// Parses the file's text.
pub fn parse(path: &Path, text: &str) -> Result<Sources, Problem> {
    let file: File = toml::from_str(text).map_err(|error| {
        Problem::new(
            path,
            "",
            format!("cannot be understood: {}", error.to_string().trim_end()),
            "each [[source]] has api, file, address, commit, sha256, licence and retrieved, each \
             [[unpublished]] api and reason",
        )
    })?;
    for (index, source) in file.source.iter().enumerate() {
        let is_name = Path::new(&source.file).components().count() == 1
            && !matches!(source.file.as_str(), "." | "..");
        if !is_name {
            return Err(Problem::new(
                path,
                format!("/source/{index}/file"),
                format!("`{}` is no plain file name", source.file),
                "name the file only; the folder is given on the command line",
            ));
        }
        if !source.address.starts_with("https://") {
            return Err(Problem::new(
                path,
                format!("/source/{index}/address"),
                format!("`{}` is not fetched over https", source.address),
                "give an https address",
            ));
        }
    }
    Ok(Sources { files: file.source, unpublished: file.unpublished })
}

/// The text with the state of one source replaced.
pub fn updated(text: &str, source: &Source, commit: &str, sha256: &str, today: &str) -> String {
    let mut edits: Vec<(Range<usize>, &str)> = vec![
        (source.commit.span(), commit),
        (source.sha256.span(), sha256),
        (source.retrieved.span(), today),
    ];
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = text.to_owned();
    for (range, value) in edits {
        text.replace_range(range, &format!("\"{value}\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# head\n[[source]]\napi = \"a\" # remark\nfile = \"a.json\"\n\
        address = \"https://example.test/{commit}/a.json\"\nretrieved = '2020-01-01' # once\n\
        sha256 = \"00\"\ncommit = \"c1\"\nlicence = \"MIT\"\n\n# next\n[[source]]\napi = \"b\"\n\
        file = \"b.json\"\naddress = \"https://example.test/b\"\ncommit = \"c2\"\nsha256 = \"01\"\n\
        licence = \"MIT\"\nretrieved = \"2020-01-01\"\n";

    #[test]
    fn only_the_state_of_one_source_changes() {
        let sources = parse(Path::new("sources.toml"), TEXT).unwrap().files;
        assert_eq!(sources[0].address_at("c9"), "https://example.test/c9/a.json");
        let text = updated(TEXT, &sources[0], "c9", "ff", "2021-02-03");
        let expected = TEXT
            .replacen("'2020-01-01'", "\"2021-02-03\"", 1)
            .replacen("\"00\"", "\"ff\"", 1)
            .replacen("\"c1\"", "\"c9\"", 1);
        assert_eq!(text, expected);
    }

    #[test]
    fn nonsense_is_told() {
        for text in [
            "[[source]]\napi = 1\n".to_owned(),
            TEXT.replace("a.json\"\naddress", "../a.json\"\naddress"),
            TEXT.replace("https://example.test/b", "http://example.test/b"),
        ] {
            let problem = parse(Path::new("sources.toml"), &text).unwrap_err();
            assert!(!problem.cure.is_empty());
        }
    }
}
