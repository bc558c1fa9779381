//! The files of exports, by format.

use serde_json::Value;

use super::archive;
use crate::itwin::state::Document;

/// A format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    JsonGZip,
    JsonZipArchive,
    CsvGZip,
    Csv,
}

impl Format {
    pub(super) const ALL: [(&'static str, Self); 4] = [
        ("JsonGZip", Self::JsonGZip),
        ("JsonZipArchive", Self::JsonZipArchive),
        ("CsvGZip", Self::CsvGZip),
        ("Csv", Self::Csv),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, format)| format)
    }

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::JsonGZip => "json.gz",
            Self::JsonZipArchive => "zip",
            Self::CsvGZip => "csv.gz",
            Self::Csv => "csv",
        }
    }

    /// A file with these members of the iTwins.
    pub(super) fn write(self, itwins: &[Document], names: &[&str]) -> Vec<u8> {
        match self {
            Self::JsonGZip => archive::gzip(json(itwins, names).as_bytes()),
            Self::JsonZipArchive => archive::zip("iTwins.json", json(itwins, names).as_bytes()),
            Self::CsvGZip => archive::gzip(csv(itwins, names).as_bytes()),
            Self::Csv => csv(itwins, names).into_bytes(),
        }
    }
}

fn json(itwins: &[Document], names: &[&str]) -> String {
    let selected = |itwin: &Document| -> Value {
        let member = |name: &&str| {
            let value = itwin.get(*name).cloned().unwrap_or(Value::Null);
            ((*name).to_owned(), value)
        };
        Value::Object(names.iter().map(member).collect())
    };
    let list: Vec<Value> = itwins.iter().map(selected).collect();
    Value::from(list).to_string()
}

/// Lines as RFC 4180 has them, the first one with the names.
fn csv(itwins: &[Document], names: &[&str]) -> String {
    let mut text = format!("{}\r\n", names.join(","));
    for itwin in itwins {
        let fields: Vec<String> = names.iter().map(|name| field(itwin.get(*name))).collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

fn field(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let Value::Object(itwin) = json!({"id": "1", "displayName": "a, \"b\"", "number": null})
        else {
            panic!("an object")
        };
        let names = ["id", "displayName", "number"];
        assert_eq!(
            csv(std::slice::from_ref(&itwin), &names),
            "id,displayName,number\r\n1,\"a, \"\"b\"\"\",\r\n"
        );
        assert_eq!(json(&[itwin], &["id", "number"]), r#"[{"id":"1","number":null}]"#);
    }
}
