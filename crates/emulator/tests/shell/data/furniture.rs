//! Something of every kind, and what is seen of it.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use twinkit_emulator::Emulator;

use super::{Tokens, central_url, done, get, twins_url};

const THERMOSTAT: &str = "dtmi:example:Thermostat;1";

/// Something of every kind on every platform.
pub(super) async fn furnish(emulator: &Emulator, tokens: &Tokens) {
    let put = async |url: String, token: &str, body: Value| {
        done(Method::PUT, &url, token, Some(body)).await;
    };
    let context = "dtmi:dtdl:context;3";
    let models = json!([
        {"@id": "dtmi:x:Room;1", "@type": "Interface", "@context": context, "extends": "dtmi:x:Space;1"},
        {"@id": "dtmi:x:Space;1", "@type": "Interface", "@context": context, "contents": [
            {"@type": "Property", "name": "size", "schema": "double"},
            {"@type": "Relationship", "name": "beside"}]},
        {"@id": "dtmi:x:Old;1", "@type": "Interface", "@context": context},
        {"@id": "dtmi:x:Gone;1", "@type": "Interface", "@context": context},
    ]);
    let token = &tokens.twins;
    done(Method::POST, &twins_url(emulator, "/models"), token, Some(models)).await;
    let patch = json!([{"op": "replace", "path": "/decommissioned", "value": true}]);
    let old = twins_url(emulator, "/models/dtmi:x:Old;1");
    done(Method::PATCH, &old, token, Some(patch)).await;
    done(Method::DELETE, &twins_url(emulator, "/models/dtmi:x:Gone;1"), token, None).await;
    for (id, size) in [("a", 0.1), ("b", 1e-300), ("c", 123_456_789.123_456_78), ("d", -0.0)] {
        let twin = json!({"$metadata": {"$model": "dtmi:x:Room;1"}, "size": size});
        put(twins_url(emulator, &format!("/digitaltwins/{id}")), token, twin).await;
    }
    let patch = json!([{"op": "replace", "path": "/size", "value": 0.3}]);
    let b = twins_url(emulator, "/digitaltwins/b");
    done(Method::PATCH, &b, token, Some(patch)).await;
    for (id, target) in [("r1", "b"), ("r2", "c")] {
        let body = json!({"$targetId": target, "$relationshipName": "beside"});
        let path = format!("/digitaltwins/a/relationships/{id}");
        put(twins_url(emulator, &path), token, body).await;
    }
    for path in ["/digitaltwins/a/relationships/r2", "/digitaltwins/d"] {
        done(Method::DELETE, &twins_url(emulator, path), token, None).await;
    }
    let endpoint = json!({"name": "hub"});
    let control = format!("{}/endpoints", emulator.control_url());
    done(Method::POST, &control, "", Some(endpoint)).await;
    let route = json!({"endpointName": "hub", "filter": "type = 'x'"});
    put(twins_url(emulator, "/eventroutes/e"), token, route).await;

    let token = &tokens.central;
    let template = json!({
        "@type": ["ModelDefinition", "DeviceModel"], "displayName": "Thermostat",
        "capabilityModel": {"@id": "dtmi:example:Model;1", "@type": "Interface",
            "displayName": "Thermostat", "contents": [
                {"@type": "Property", "name": "goal", "schema": "double", "writable": true,
                    "displayName": "Goal"}]},
    });
    put(central_url(emulator, &format!("/deviceTemplates/{THERMOSTAT}")), token, template).await;
    for id in ["d1", "d2", "d3"] {
        let device = json!({"displayName": id, "template": THERMOSTAT, "simulated": id == "d1"});
        put(central_url(emulator, &format!("/devices/{id}")), token, device).await;
    }
    done(Method::DELETE, &central_url(emulator, "/devices/d3"), token, None).await;
    let goal = json!({"goal": 21.5});
    done(Method::PATCH, &central_url(emulator, "/devices/d1/properties"), token, Some(goal)).await;
    let roles = json!({"roles": [{"role": "ca310b8d-2f4a-44e0-a36e-957c202cd8d4"}]});
    put(central_url(emulator, "/apiTokens/nightly"), token, roles).await;

    let token = &tokens.itwin;
    let itwin = json!({"class": "Endeavor", "subClass": "Project", "displayName": "Tower"});
    let itwins = format!("{}/itwins", emulator.itwin_url());
    let made = done(Method::POST, &itwins, token, Some(itwin)).await;
    let id = made["iTwin"]["id"].as_str().unwrap();
    let top = get(&format!("{}/storage?iTwinId={id}", emulator.itwin_url()), token).await;
    let folder = top["_links"]["folder"]["href"].as_str().unwrap();
    for name in ["one", "two"] {
        let url = format!("{folder}/folders");
        done(Method::POST, &url, token, Some(json!({"displayName": name}))).await;
    }
    let imodel = json!({"iTwinId": id, "name": "Model"});
    let imodels = format!("{}/imodels", emulator.itwin_url());
    done(Method::POST, &imodels, token, Some(imodel)).await;

    emulator.storage().put("box", "a/b", "text");
}

/// What the services answer, by address.
pub(super) async fn picture(emulator: &Emulator, tokens: &Tokens) -> BTreeMap<String, Value> {
    let mut seen = BTreeMap::new();
    for path in [
        "/models?includeModelDefinition=true",
        "/digitaltwins/a",
        "/digitaltwins/b",
        "/digitaltwins/c",
        "/digitaltwins/a/relationships",
        "/digitaltwins/b/incomingrelationships",
        "/eventroutes",
    ] {
        let url = twins_url(emulator, path);
        seen.insert(url.clone(), get(&url, &tokens.twins).await);
    }
    for path in [
        "/deviceTemplates",
        "/devices",
        "/devices/d1/properties",
        "/devices/d2/credentials",
        "/apiTokens",
        "/users",
        "/roles",
        "/enrollmentGroups",
    ] {
        let url = central_url(emulator, path);
        seen.insert(url.clone(), get(&url, &tokens.central).await);
    }
    let root = emulator.itwin_url();
    let itwins = get(&format!("{root}/itwins"), &tokens.itwin).await;
    let id = itwins["iTwins"][0]["id"].as_str().unwrap();
    for url in [
        format!("{root}/itwins/{id}"),
        format!("{root}/storage?iTwinId={id}"),
        format!("{root}/imodels?iTwinId={id}"),
        format!("{root}/accesscontrol/itwins/{id}/roles"),
    ] {
        seen.insert(url.clone(), get(&url, &tokens.itwin).await);
    }
    for url in [
        format!("{}/common/discovery/v2.0/keys", emulator.authority_url()),
        format!("{}/.well-known/openid-configuration/jwks", emulator.ims_url()),
        format!("{}/services", emulator.control_url()),
    ] {
        seen.insert(url.clone(), get(&url, "").await);
    }
    seen
}
