//! Addresses: those that services send, those that people configure, and the ids
//! that become parts of them.

use std::fmt::Debug;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use http::header::LOCATION;
use percent_encoding::percent_decode_str;
use progenitor_client::{Context, IdError, Origin, OriginSet, PathSegment, SignedAddress, fuzzing};
use reqwest::Url;
use twinkit_auth::{AuthorityHost, ImsHost, StaticAuthorizer};
use twinkit_digital_twins as twins;
use twinkit_http::endpoint as base;
use twinkit_iot_central as central;

use crate::support::{assert_line, text, texts};

const ENDPOINT: &str = "https://h.example/base";
/// With what the text of every address at the endpoint's origin begins.
const OURS: &str = "https://h.example/";

static CLIENT: LazyLock<Context> = LazyLock::new(|| {
    let authorizer = StaticAuthorizer::new("Bearer canary", Origin::parse(ENDPOINT).unwrap());
    Context::builder(ENDPOINT, Arc::new(authorizer.unwrap())).build().unwrap()
});

/// A link to a next page, and where a redirect leads. Whatever their spelling, no
/// other origin is followed; what is said of a foreign one is one line without its
/// query.
pub fn next_link(data: &[u8]) {
    let Some(link) = text(data) else { return };
    let from = Url::parse("https://h.example/a/b?c").unwrap();
    let origin = Origin::parse(OURS).unwrap();
    let mut answer = http::Response::builder().status(302);
    if let Ok(value) = http::HeaderValue::from_bytes(link.as_bytes()) {
        answer = answer.header(LOCATION, value);
    }
    let answer = answer.body("").unwrap().into();
    let ways = [fuzzing::next_link(&CLIENT, link), fuzzing::redirect(&CLIENT, &from, &answer)];
    for way in ways {
        match way {
            // Text that begins so names neither another host nor a user.
            Ok(url) => assert!(url.as_str().starts_with(OURS), "{link:?} leads to {url}"),
            Err(error) => {
                let line = error.to_string();
                assert_line(&line);
                let in_query = link.contains("?canary") && link.matches("canary").count() == 1;
                assert!(!in_query || !line.contains("canary"), "{line}");
            }
        }
    }
    // What is ours in plain words is followed.
    if link.starts_with(OURS)
        && link.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.?=&".contains(&b))
    {
        assert!(fuzzing::next_link(&CLIENT, link).is_ok(), "{link}");
    }
    if let Ok(url) = from.join(link) {
        assert_eq!(origin.contains(&url), Origin::of(&url).as_ref() == Some(&origin), "{url}");
        assert_eq!(
            OriginSet::from(origin).contains(&url),
            url.as_str().starts_with(OURS) || has_user(&url),
            "{url}"
        );
        assert_line(&twinkit_http::redact::url(&url));
    }
}

/// Whether an address of the origin names a user, which the text then begins with.
fn has_user(url: &Url) -> bool {
    let named = !url.username().is_empty() || url.password().is_some();
    named && url.scheme() == "https" && url.host_str() == Some("h.example") && url.port().is_none()
}

/// The base address of a service. What is taken is `https`, or of this machine,
/// and holds neither user nor query; what is refused is told without them.
pub fn endpoint(data: &[u8]) {
    let Some(text) = text(data) else { return };
    match base::parse(text, false) {
        Ok(url) => {
            let is_local = ["http://localhost", "http://127.", "http://[::1]"]
                .iter()
                .any(|local| url.as_str().starts_with(local));
            assert!(url.scheme() == "https" || is_local, "{url}");
            assert!(!url.as_str().contains(['?', '#']) && url.password().is_none(), "{url}");
            assert_eq!(url.username(), "");
            assert_line(url.as_str());
        }
        Err(error) => assert_line(&error.to_string()),
    }
    for shown in [
        AuthorityHost::parse(text).map(|host| format!("{host:?}")).map_err(|e| e.to_string()),
        ImsHost::parse(text).map(|host| format!("{host:?}")).map_err(|e| e.to_string()),
    ] {
        let (Ok(line) | Err(line)) = shown;
        assert_line(&line);
    }
}

/// A signed address, a path below it and a parameter. The signature is not shown
/// and not changed, and nothing below an address lies beside it.
pub fn signed_address(data: &[u8]) {
    let Some([text, path, name, value]) = texts(data) else { return };
    let address = match SignedAddress::parse(text) {
        Ok(address) => address,
        Err(error) => {
            let line = error.to_string();
            assert_line(&line);
            assert!(!line.contains("canary"), "{line}");
            return;
        }
    };
    let whole = Url::parse(address.to_secret().expose()).unwrap();
    let place = address.place();
    assert!(!place.contains(['?', '#']), "{place}");
    assert_line(&place);
    if !whole.path().contains("canary") && !whole.host_str().is_some_and(|h| h.contains("canary")) {
        assert!(!format!("{place}{address:?}").contains("canary"), "{address:?}");
    }
    let longer = address.with_parameter(name, value);
    let pairs: Vec<_> =
        Url::parse(longer.to_secret().expose()).unwrap().query_pairs().into_owned().collect();
    assert_eq!(pairs.last(), Some(&(name.to_owned(), value.to_owned())));
    assert!(longer.has_parameter(name));
    let before = whole.query().unwrap_or_default();
    let after = Url::parse(longer.to_secret().expose()).unwrap();
    assert!(after.query().unwrap_or_default().starts_with(before), "{before}");

    let Ok(below) = address.below(path) else { return };
    let below = Url::parse(below.to_secret().expose()).unwrap();
    assert_eq!(below.query(), whole.query());
    assert_eq!(Origin::of(&below), Origin::of(&whole));
    let container = whole.path().trim_end_matches('/');
    let rest = below.path().strip_prefix(container).and_then(|rest| rest.strip_prefix('/'));
    let parts = rest.unwrap_or_else(|| panic!("{below} is not below {whole}")).split('/');
    let decoded: Vec<_> =
        parts.map(|part| percent_decode_str(part).decode_utf8().unwrap().into_owned()).collect();
    assert_eq!(decoded.join("/"), path);
}

/// An id of any kind. One that is taken arrives as one intact segment of a path,
/// and is written as it was read; what is refused is told in one line.
pub fn ids(data: &[u8]) {
    let Some(text) = text(data) else { return };
    id::<twins::TwinId>(text);
    id::<twins::ModelId>(text);
    id::<twins::RelationshipId>(text);
    id::<twins::EventRouteId>(text);
    id::<twins::JobId>(text);
    id::<twins::ComponentName>(text);
    id::<central::ApiTokenId>(text);
    id::<central::DeviceId>(text);
    id::<twinkit_itwin::WebhookId>(text);
    id::<twinkit_itwin::BriefcaseId>(text);
    id::<twinkit_itwin::ChangesetKey>(text);
}

fn id<I>(text: &str)
where
    I: FromStr<Err = IdError> + ToString + Debug,
    String: From<I>,
{
    let id = match text.parse::<I>() {
        Ok(id) => id,
        Err(error) => return assert_line(&error.to_string()),
    };
    assert_eq!(id.to_string(), text);
    assert_line(&format!("{id:?}"));
    let url = Url::parse(&format!("https://h.example/a/{}/b", PathSegment(text))).unwrap();
    let segments: Vec<_> = url.path_segments().unwrap().collect();
    let [_, segment, _] = segments[..] else { panic!("{text:?} became {url}") };
    assert_eq!(percent_decode_str(segment).decode_utf8().unwrap(), text);
    assert!(url.query().is_none() && url.fragment().is_none(), "{text:?} became {url}");
    assert_eq!(String::from(id), text);
}
