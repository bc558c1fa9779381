//! A person with a browser, as far as the emulator's sign-in pages need one.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::{Certificate, Client};
use tokio::runtime::Handle;

/// What the person does at the page.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Person {
    /// Is signed in without a page, under this name.
    Known(&'static str),
    /// Accepts as the user who is chosen already.
    Accepts,
    /// Presses Cancel.
    Cancels,
    /// Looks at the page and goes away.
    Leaves,
}

/// A browser that one person uses. Clones share the count of its visits.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    http: Client,
    person: Person,
    visits: Arc<AtomicUsize>,
}

/// A page that has a form.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) action: Option<String>,
    pub(crate) fields: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn of(person: Person) -> Self {
        Self::trusting(person, None)
    }

    /// A browser that knows a certificate authority.
    pub(crate) fn trusting(person: Person, ca_pem: Option<&str>) -> Self {
        let mut http = Client::builder().no_proxy();
        if let Some(pem) = ca_pem {
            http = http.tls_certs_merge([Certificate::from_pem(pem.as_bytes()).unwrap()]);
        }
        Self { http: http.build().unwrap(), person, visits: Arc::default() }
    }

    /// For `open_with`: goes there and comes back at once, as browsers do.
    pub(crate) fn opener(&self) -> impl Fn(&str) -> io::Result<()> + Send + Sync + 'static {
        let (browser, runtime) = (self.clone(), Handle::current());
        move |url| {
            let (browser, url) = (browser.clone(), url.to_owned());
            runtime.spawn(async move { browser.visit(&url).await });
            Ok(())
        }
    }

    /// How often a page was opened.
    pub(crate) fn visits(&self) -> usize {
        self.visits.load(Ordering::Relaxed)
    }

    /// Signs in at the page, and goes on to where that leads. Gives the last
    /// page.
    pub(crate) async fn visit(&self, url: &str) -> String {
        self.visits.fetch_add(1, Ordering::Relaxed);
        let mut page = match self.person {
            Person::Known(name) => {
                let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
                let hint = format!("&login_hint={name}");
                let hint = if url.contains(&hint) { "" } else { &hint };
                self.get(&format!("{url}&auto=1{hint}")).await
            }
            _ => self.get(url).await,
        };
        let decision = match self.person {
            Person::Accepts => "accept",
            Person::Cancels => "cancel",
            Person::Known(_) | Person::Leaves => "",
        };
        if let Some(mut form) = Form::on(&page).filter(|form| form.fields.contains_key("ticket")) {
            if decision.is_empty() {
                return page;
            }
            form.fields.insert("decision".to_owned(), decision.to_owned());
            let target = url.split('?').next().unwrap_or_default();
            page = self.post(target, &form.fields).await;
        }
        // A page that sends its form on by itself.
        while let Some(Form { action: Some(action), fields }) = Form::on(&page) {
            page = self.post(&action, &fields).await;
        }
        page
    }

    async fn get(&self, url: &str) -> String {
        self.http.get(url).send().await.unwrap().text().await.unwrap()
    }

    async fn post(&self, url: &str, fields: &BTreeMap<String, String>) -> String {
        self.http.post(url).form(fields).send().await.unwrap().text().await.unwrap()
    }
}

impl Form {
    /// The form on a page, with what is filled in already.
    pub(crate) fn on(page: &str) -> Option<Self> {
        let (_, form) = page.split_once("<form ")?;
        let (form, _) = form.split_once("</form>")?;
        let (head, _) = form.split_once('>')?;
        let mut fields = BTreeMap::new();
        for input in form.split("<input ").skip(1) {
            let input = input.split('>').next()?;
            let is_chosen = !input.contains("type=\"radio\"") || input.contains(" checked");
            if let (Some(name), true) = (attribute(input, "name"), is_chosen) {
                fields.insert(name, attribute(input, "value").unwrap_or_default());
            }
        }
        Some(Self { action: attribute(head, "action"), fields })
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!("{name}=\""))?;
    let (value, _) = value.split_once('"')?;
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    Some(plain.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to)))
}
