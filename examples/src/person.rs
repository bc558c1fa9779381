//! A person of the emulator's who uses a program that calls a web API: signs in
//! without a page, and gives the token that the API finds in `Authorization`.

use anyhow::Context as _;
use twinkit::auth::{Credential, SecretString, TokenRequest};
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::{API_SCOPE, NATIVE_CLIENT_ID, TENANT_ID};

/// A token for the emulator's web API, given to the person of this name.
///
/// # Errors
/// There is no such person, or the sign-in fails.
pub async fn token_for_api(emulator: &Emulator, name: &str) -> anyhow::Result<SecretString> {
    let browser = reqwest::Client::builder().no_proxy().build()?;
    let runtime = tokio::runtime::Handle::current();
    let hint = name.replace('@', "%40");
    let open = move |url: &str| {
        // `auto=1` stands for a person who is signed in in this browser.
        let (browser, url) = (browser.clone(), format!("{url}&auto=1&login_hint={hint}"));
        // What goes wrong there is told by the sign-in, which gets no answer.
        runtime.spawn(async move { drop(visit(&browser, url).await) });
        Ok(())
    };
    let person = Credential::interactive(TENANT_ID, NATIVE_CLIENT_ID)
        .authority(emulator.authority_url())
        .open_with(open)
        .session()?;
    let token = person.credential().token(&TokenRequest::new([API_SCOPE])?).await?;
    Ok(token.secret().clone())
}

/// Opens the page, and sends on the form that it holds, as browsers do by themselves.
async fn visit(browser: &reqwest::Client, url: String) -> anyhow::Result<()> {
    let page = browser.get(url).send().await?.text().await?;
    let form = page.split_once("<form ").and_then(|(_, form)| form.split_once("</form>"));
    let (form, _) = form.context("the page holds no form")?;
    let action = attribute(form, "action").context("the form goes nowhere")?;
    let inputs = form.split("<input ").skip(1);
    let fields: Vec<_> =
        inputs.filter_map(|it| Some((attribute(it, "name")?, attribute(it, "value")?))).collect();
    browser.post(action).form(&fields).send().await?;
    Ok(())
}

/// The attribute of the first tag. Nothing that the emulator writes here is escaped.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (tag, _) = tag.split_once('>')?;
    let (_, value) = tag.split_once(&format!("{name}=\""))?;
    value.split_once('"').map(|(value, _)| value)
}
