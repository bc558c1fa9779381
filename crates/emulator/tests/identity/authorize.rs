//! The authorize endpoint and its page.

use reqwest::Response;
use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    identity::{
        Application, GUEST_NAME, GUEST_OBJECT_ID, NATIVE_CLIENT_ID, USER_NAME, USER_OBJECT_ID, User,
    },
};

use crate::support::{
    Fields, REDIRECT, ask, authorize, changed, claims, client, code, endpoint, handed,
    redeem_fields,
};

const PAGE: [(&str, &str); 1] = [("auto", "")];

fn assert_safe(response: &Response) {
    let headers = response.headers();
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["x-frame-options"], "DENY");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
}

/// The value of the page's hidden field.
fn ticket(html: &str) -> String {
    let (_, rest) = html.split_once("name=\"ticket\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

async fn answer(emulator: &Emulator, ticket: &str, user: &str, decision: &str) -> Response {
    let fields = [("ticket", ticket), ("user", user), ("decision", decision)];
    client().post(endpoint(emulator, "authorize")).form(&fields).send().await.unwrap()
}

#[tokio::test]
async fn a_user_is_chosen_on_the_page() {
    let emulator = Emulator::start().await.unwrap();
    let page = authorize(&emulator, &[("auto", ""), ("login_hint", GUEST_NAME)]).await;
    assert_eq!(page.status(), 200);
    assert_safe(&page);
    let html = page.text().await.unwrap();
    assert!(html.find(GUEST_NAME).unwrap() < html.find(USER_NAME).unwrap(), "the hint is first");
    let ticket = ticket(&html);
    let response = answer(&emulator, &ticket, GUEST_OBJECT_ID, "accept").await;
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    let handed = handed(&response);
    assert_eq!(handed["state"], "some state & more");
    assert!(handed["session_state"].is_string());
    let code = handed["code"].as_str().unwrap();
    let (status, body) = ask(&emulator, &redeem_fields(code)).await;
    assert_eq!(status, 200);
    assert_eq!(claims(&body["access_token"])["oid"], GUEST_OBJECT_ID);
    let again = answer(&emulator, &ticket, GUEST_OBJECT_ID, "accept").await;
    assert_eq!(again.status(), 400, "a page is answered once");
}

#[tokio::test]
async fn cancelling_tells_the_application() {
    let emulator = Emulator::start().await.unwrap();
    for (user, decision) in [(USER_OBJECT_ID, "cancel"), ("nobody", "accept")] {
        let html = authorize(&emulator, &PAGE).await.text().await.unwrap();
        let handed = handed(&answer(&emulator, &ticket(&html), user, decision).await);
        assert_eq!(handed["error"], "access_denied");
        assert_eq!(handed["error_subcode"], "cancel");
        assert_eq!(handed["state"], "some state & more");
        let text = handed["error_description"].as_str().unwrap();
        assert!(text.starts_with("AADSTS65004: "), "{text}");
    }
}

#[tokio::test]
async fn form_post_hands_the_code_over_in_a_body() {
    let emulator = Emulator::start().await.unwrap();
    let state = "\"><script>x</script>";
    let page = authorize(&emulator, &[("response_mode", "form_post"), ("state", state)]).await;
    assert_eq!(page.status(), 200);
    assert_safe(&page);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'sha256-"), "{policy}");
    assert!(policy.contains("form-action 'self' http://localhost:8400;"), "{policy}");
    let html = page.text().await.unwrap();
    assert!(html.contains(&format!("<form method=\"post\" action=\"{REDIRECT}\">")), "{html}");
    assert!(html.contains("name=\"code\" value=\"1.C"), "{html}");
    assert!(html.contains("value=\"&quot;&gt;&lt;script&gt;x&lt;/script&gt;\""), "{html}");
    assert!(!html.contains(state));
}

#[tokio::test]
async fn who_is_not_known_is_told_on_the_page_only() {
    let emulator = Emulator::start().await.unwrap();
    for (changes, code) in [
        ([("client_id", "<b>else</b>")], "AADSTS700016"),
        ([("client_id", "")], "AADSTS900144"),
        ([("redirect_uri", "https://evil.example/")], "AADSTS50011"),
        ([("redirect_uri", "http://localhost:8400/path")], "AADSTS50011"),
        ([("redirect_uri", "")], "AADSTS900144"),
    ] {
        let page = authorize(&emulator, &changes).await;
        assert_eq!(page.status(), 400, "{changes:?}");
        assert_safe(&page);
        let html = page.text().await.unwrap();
        assert!(html.contains(code), "{html}");
        assert!(!html.contains("<b>"), "{html}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_to_the_application() {
    let emulator = Emulator::start().await.unwrap();
    let cases: [(Fields<'_>, &str, &str); 11] = [
        (&[("response_type", "")], "invalid_request", "AADSTS900144"),
        (&[("response_type", "token")], "unsupported_response_type", "AADSTS700051"),
        (&[("response_type", "id_token")], "unsupported_response_type", "AADSTS700051"),
        (&[("response_mode", "fragment")], "invalid_request", "AADSTS90023"),
        (&[("code_challenge", "")], "invalid_request", "AADSTS9002325"),
        (&[("code_challenge_method", "plain")], "invalid_request", "AADSTS501491"),
        (&[("code_challenge_method", "")], "invalid_request", "AADSTS501491"),
        (&[("code_challenge", "short")], "invalid_request", "AADSTS501491"),
        (&[("scope", "")], "invalid_request", "AADSTS900144"),
        (&[("claims", "x")], "invalid_request", "AADSTS90023"),
        (&[("login_hint", "nobody@x")], "invalid_grant", "AADSTS50034"),
    ];
    for (changes, word, code) in cases {
        let handed = handed(&authorize(&emulator, changes).await);
        assert_eq!(handed["error"], word, "{changes:?}");
        let text = handed["error_description"].as_str().unwrap();
        assert!(text.starts_with(&format!("{code}: ")), "{text}");
        assert_eq!(handed["state"], "some state & more");
        assert_eq!(handed.get("code"), None);
    }
    let implicit = authorize(&emulator, &[("response_type", "token")]).await;
    let location = implicit.headers()["location"].to_str().unwrap();
    assert!(location.starts_with("http://localhost:8400/#error="), "{location}");
}

#[tokio::test]
async fn silence_needs_somebody_who_is_signed_in() {
    let emulator = Emulator::start().await.unwrap();
    let silent = [("auto", ""), ("prompt", "none")];
    let handed_silently = handed(&authorize(&emulator, &silent).await);
    assert_eq!(handed_silently["error"], "login_required");

    let html = authorize(&emulator, &PAGE).await.text().await.unwrap();
    let response = answer(&emulator, &ticket(&html), USER_OBJECT_ID, "accept").await;
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let url = url::Url::parse_with_params(
        &endpoint(&emulator, "authorize"),
        crate::support::authorize_fields(&silent),
    )
    .unwrap();
    let ask_again =
        async || handed(&client().get(url.clone()).header("Cookie", &cookie).send().await.unwrap());
    assert!(ask_again().await["code"].is_string());

    let twins = "https://digitaltwins.azure.net";
    emulator.directory().require_interaction(twins, true).unwrap();
    let refused = ask_again().await;
    assert_eq!(refused["error"], "interaction_required");
    assert!(refused["claims"].as_str().unwrap().contains("acrs"));
    emulator.directory().require_interaction(twins, false).unwrap();

    let logout = client().get(endpoint(&emulator, "logout")).header("Cookie", &cookie);
    assert_eq!(logout.send().await.unwrap().status(), 200);
    assert_eq!(ask_again().await["error"], "login_required");
}

#[tokio::test]
async fn a_user_agrees_on_the_page_or_is_asked_for() {
    let emulator = Emulator::start().await.unwrap();
    let asking = Application { requires_consent: true, ..Application::public(&[REDIRECT]) };
    emulator.directory().add_application(asking.clone()).unwrap();
    let id = asking.client_id.as_str();
    emulator.directory().sign_in_automatically(Some(USER_NAME)).unwrap();
    let silent = [("client_id", id), ("auto", ""), ("prompt", "none")];
    let refused = handed(&authorize(&emulator, &silent).await);
    assert_eq!(refused["error"], "consent_required");
    emulator.directory().sign_in_automatically(None).unwrap();

    let page = [("client_id", id), ("auto", "")];
    let html = authorize(&emulator, &page).await.text().await.unwrap();
    assert!(html.contains("<li>https://digitaltwins.azure.net/Read.Write</li>"), "{html}");
    answer(&emulator, &ticket(&html), USER_OBJECT_ID, "accept").await;
    emulator.directory().sign_in_automatically(Some(USER_NAME)).unwrap();
    let code = code(&emulator, &silent).await;
    let fields = redeem_fields(&code);
    let fields = changed(&fields, &[("client_id", id)]);
    assert_eq!(ask(&emulator, &fields).await.0, 200);
}

#[tokio::test]
async fn names_are_text_whatever_they_hold() {
    let emulator = Emulator::start().await.unwrap();
    let name = "<script>alert('x')</script>";
    let user = User { display_name: name.to_owned(), ..User::new("\"><i>@x.example") };
    emulator.directory().add_user(user).unwrap();
    let rename = |application: &mut Application| application.display_name = name.to_owned();
    emulator.directory().update_application(NATIVE_CLIENT_ID, rename).unwrap();
    let html = authorize(&emulator, &PAGE).await.text().await.unwrap();
    assert!(!html.contains("<script>") && !html.contains("<i>"), "{html}");
    assert_eq!(html.matches("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;").count(), 2);
}

#[tokio::test]
async fn signing_out_redirects_to_registered_addresses_only() {
    let emulator = Emulator::start().await.unwrap();
    let ask = async |uri: &str| -> (u16, Value) {
        let url = url::Url::parse_with_params(
            &endpoint(&emulator, "logout"),
            [
                ("post_logout_redirect_uri", uri),
                ("client_id", NATIVE_CLIENT_ID),
                ("id_token_hint", "canary"),
                ("state", "s"),
            ],
        );
        let response = client().get(url.unwrap()).send().await.unwrap();
        let location = response.headers().get("location").map(|value| value.to_str().unwrap());
        (response.status().as_u16(), json!(location))
    };
    assert_eq!(ask(REDIRECT).await, (302, json!("http://localhost:8400/?state=s")));
    assert_eq!(ask("https://evil.example/").await, (200, Value::Null));
    assert!(!format!("{:?}", emulator.requests().list()).contains("canary"));
}
