//! Requests to services that no spec of ours describes: sign-in, managed identity,
//! storage and the control plane, by kind. It must not know the operations of APIs.

use super::parts::Request;

/// The services whose requests are told by kind.
const SERVICES: [&str; 5] = ["identity", "ims", "managed-identity", "resource-manager", "storage"];

/// Whether the requests of a service are told by kind.
pub fn is_kind(service: &str) -> bool {
    SERVICES.contains(&service)
}

/// What kind of request it was; none if its service has operations.
pub fn kind(request: &Request) -> Option<String> {
    if !is_kind(&request.service) {
        return None;
    }
    Some(match request.service.as_str() {
        "managed-identity" => by_path(&request.path, &HOSTS),
        "storage" => storage(request),
        "resource-manager" => format!("{} {}", request.method, resource(&request.path)),
        _ => by_path(&request.path, &SIGN_IN),
    })
}

/// Ends of paths and what they are; the first that fits counts.
type Ends = [(&'static str, &'static str)];

const SIGN_IN: [(&str, &str); 14] = [
    ("/oauth2/v2.0/token", "token"),
    ("/oauth2/token", "token (version 1)"),
    ("/connect/token", "token"),
    ("/devicecode", "device code"),
    ("/authorize", "authorize"),
    ("/.well-known/openid-configuration", "discovery"),
    ("/discovery/instance", "discovery of clouds"),
    ("/keys", "keys"),
    ("/jwks", "keys"),
    ("/introspect", "introspection"),
    ("/revocation", "revocation"),
    ("/userinfo", "user information"),
    ("/logout", "sign-out"),
    ("/federation/github", "token of a GitHub job"),
];
const HOSTS: [(&str, &str); 5] = [
    ("/arc/metadata/identity/oauth2/token", "Azure Arc"),
    ("/metadata/identity/oauth2/token", "virtual machine (IMDS)"),
    ("/msi/token", "App Service"),
    ("/azureml/token", "Azure ML"),
    ("/oauth2/token", "Cloud Shell"),
];

fn by_path(path: &str, ends: &Ends) -> String {
    let path = path.strip_suffix('/').unwrap_or(path);
    let fits = |(end, _): &&(&str, &str)| path.ends_with(end);
    ends.iter().find(fits).map_or_else(|| format!("other: {path}"), |(_, kind)| (*kind).to_owned())
}

/// Blob storage tells most of its operations by `comp` and `restype`.
fn storage(request: &Request) -> String {
    let of = |wanted: &str| {
        let pairs = request.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value).next()
    };
    let what = of("comp").map_or_else(
        || if of("restype").is_some() { "container" } else { "blob" }.to_owned(),
        |comp| format!("comp={comp}"),
    );
    format!("{} {what}", request.method)
}

/// The path without the names in it: what stands after each collection's name.
fn resource(path: &str) -> String {
    const NAMED: [&str; 2] = ["subscriptions", "resourcegroups"];
    let mut told = String::new();
    let mut words = path.split('/').filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        told.push('/');
        told.push_str(word);
        if NAMED.contains(&word.to_ascii_lowercase().as_str()) {
            if words.next().is_some() {
                told.push_str("/{}");
            }
        } else if word.eq_ignore_ascii_case("providers") {
            // A namespace, then a type and a name by turns.
            if let Some(namespace) = words.next() {
                told.push('/');
                told.push_str(namespace);
            }
            while let Some(kind) = words.next() {
                told.push('/');
                told.push_str(kind);
                if words.next().is_some() {
                    told.push_str("/{}");
                }
            }
        }
    }
    if told.is_empty() { "/".to_owned() } else { told }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(service: &str, method: &str, target: &str) -> Option<String> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        kind(&Request {
            service: service.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            ..Request::default()
        })
    }

    #[test]
    fn services_without_a_spec_are_told_by_kind() {
        for (service, method, target, expected) in [
            ("identity", "POST", "/contoso/oauth2/v2.0/token", "token"),
            ("identity", "GET", "/t/v2.0/.well-known/openid-configuration", "discovery"),
            ("identity", "GET", "/t/discovery/v2.0/keys", "keys"),
            ("ims", "POST", "/connect/token", "token"),
            ("ims", "GET", "/.well-known/openid-configuration/jwks", "keys"),
            ("identity", "GET", "/favicon.ico", "other: /favicon.ico"),
            ("managed-identity", "GET", "/arc/metadata/identity/oauth2/token", "Azure Arc"),
            (
                "managed-identity",
                "GET",
                "/metadata/identity/oauth2/token/",
                "virtual machine (IMDS)",
            ),
            ("storage", "PUT", "/a/b?sig=x", "PUT blob"),
            ("storage", "PUT", "/a/b?comp=block&blockid=QQ%3D%3D", "PUT comp=block"),
            ("storage", "GET", "/a?restype=container&comp=list", "GET comp=list"),
            ("storage", "HEAD", "/a?restype=container", "HEAD container"),
            ("resource-manager", "GET", "/subscriptions", "GET /subscriptions"),
            (
                "resource-manager",
                "GET",
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
                "GET /subscriptions/{}/resourceGroups/{}/providers/Microsoft.Storage/storageAccounts/{}",
            ),
            ("resource-manager", "GET", "/metadata/endpoints", "GET /metadata/endpoints"),
            ("resource-manager", "GET", "/", "GET /"),
        ] {
            assert_eq!(told(service, method, target).as_deref(), Some(expected), "{target}");
        }
        assert_eq!(told("digital-twins", "GET", "/models"), None);
    }
}
