//! What the key of a share opens, be it of an iTwin or of an iModel: a fixed list
//! of reads.

use crate::itwin::{routes::Api, state::State};

/// Whether a share of the contract `Default` opens this request. The path is
/// given by its words behind the API's own.
pub(super) fn opens(api: Api, method: &str, words: &[&str]) -> bool {
    let is = |word: &str, literal: &str| word.eq_ignore_ascii_case(literal);
    method == "GET"
        && match (api, words) {
            (Api::IModels, [] | [_]) => true,
            (Api::RealityManagement, [data] | [data, _]) => is(data, "reality-data"),
            (Api::RealityManagement, [data, _, access]) => {
                is(data, "reality-data") && is(access, "readaccess")
            }
            _ => false,
        }
}

/// Whether the share of an iModel opens this request: a choice of ours, as no
/// source tells what it opens.
pub(super) fn opens_of_imodel(api: Api, method: &str, words: &[&str]) -> bool {
    const PARTS: [&str; 4] = ["thumbnail", "changesets", "namedversions", "baselinefile"];
    let is_part = |word: &str| PARTS.iter().any(|part| part.eq_ignore_ascii_case(word));
    method == "GET"
        && match (api, words) {
            (Api::IModels, [_]) => true,
            (Api::IModels, [_, part, ..]) => is_part(part),
            _ => false,
        }
}

impl State {
    /// The id of the iTwin that a share key opens now.
    pub(super) fn shared_by(&self, key: &str, now: jiff::Timestamp) -> Option<&str> {
        self.itwins.values().find_map(|itwin| {
            let mut shares = itwin.team.shares.values();
            shares.any(|share| share.key == key && now < share.expires).then_some(itwin.id.as_str())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_opens_reads_of_models_and_reality_data_only() {
        for words in [["reality-data"].as_slice(), &["Reality-Data", "1"]] {
            assert!(opens(Api::RealityManagement, "GET", words));
            assert!(!opens(Api::RealityManagement, "POST", words));
        }
        assert!(opens(Api::RealityManagement, "GET", &["reality-data", "1", "readaccess"]));
        assert!(!opens(Api::RealityManagement, "GET", &["reality-data", "1", "writeaccess"]));
        assert!(opens(Api::IModels, "GET", &[]) && opens(Api::IModels, "GET", &["1"]));
        assert!(!opens(Api::IModels, "GET", &["1", "changesets"]));
        assert!(!opens(Api::ITwins, "GET", &["1"]) && !opens(Api::Users, "GET", &["me"]));
    }

    #[test]
    fn a_share_of_an_imodel_opens_reads_of_it_only() {
        let opens = |method, words: &[&str]| opens_of_imodel(Api::IModels, method, words);
        assert!(opens("GET", &["1"]) && opens("GET", &["1", "Changesets", "2", "checkpoint"]));
        assert!(!opens("GET", &[]) && !opens("GET", &["1", "users"]));
        assert!(!opens("PATCH", &["1"]));
        assert!(!opens_of_imodel(Api::ITwins, "GET", &["1"]));
    }
}
