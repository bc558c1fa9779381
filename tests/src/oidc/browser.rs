//! As much of a browser as a sign-in page needs: cookies, redirects, forms. It
//! fills in any user name and says yes to everything.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Url, redirect};

/// More pages than any sign-in has.
const MAX_PAGES: usize = 25;

/// A browser with nothing in it yet.
#[derive(Debug)]
pub struct Browser {
    http: Client,
    user: &'static str,
    cookies: BTreeMap<String, String>,
}

/// A form of a page: where it goes and what is in it.
#[derive(Debug, PartialEq, Eq)]
struct Form {
    method: Method,
    action: String,
    fields: Vec<(String, String)>,
}

impl Browser {
    /// A browser that signs in as `user`.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn new(user: &'static str) -> Result<Self> {
        let http = Client::builder().redirect(redirect::Policy::none()).no_proxy().build()?;
        Ok(Self { http, user, cookies: BTreeMap::new() })
    }

    /// Opens `url` and goes on until a page without a form comes; returns that
    /// page.
    ///
    /// # Errors
    /// A page cannot be had, or there is no end to them.
    pub async fn sign_in(&mut self, url: &str) -> Result<String> {
        let mut at: Url = url.parse()?;
        let mut form = None;
        for _ in 0..MAX_PAGES {
            let request = match form.take() {
                Some(Form { method: Method::POST, fields, .. }) => {
                    self.http.post(at.clone()).form(&fields)
                }
                Some(Form { fields, .. }) => self.http.get(at.clone()).query(&fields),
                None => self.http.get(at.clone()),
            };
            let answer = request.header(COOKIE, self.cookie_header()).send().await?;
            self.keep_cookies(&answer);
            let status = answer.status();
            if status.is_redirection() {
                let target = answer.headers().get(LOCATION).context("a redirect to nowhere")?;
                at = at.join(target.to_str()?)?;
                continue;
            }
            let is_html = answer
                .headers()
                .get(CONTENT_TYPE)
                .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/html")));
            let page = answer.text().await?;
            match first_form(&page).filter(|_| is_html && status.is_success()) {
                Some(mut found) => {
                    at = at.join(&found.action)?;
                    found.fill(self.user);
                    form = Some(found);
                }
                None if status.is_success() => return Ok(page),
                None => bail!("{status} at {}: {page}", at.path()),
            }
        }
        bail!("no end of pages");
    }

    fn cookie_header(&self) -> String {
        let pairs: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn keep_cookies(&mut self, answer: &reqwest::Response) {
        for line in answer.headers().get_all(SET_COOKIE) {
            let pair = line.to_str().ok().and_then(|line| line.split(';').next());
            let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) else { continue };
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Form {
    fn fill(&mut self, user: &str) {
        for (name, value) in &mut self.fields {
            match name.as_str() {
                "login" => user.clone_into(value),
                "password" => "any".clone_into(value),
                _ => {}
            }
        }
        // The button that says yes; servers that do not ask pass it over.
        if !self.fields.iter().any(|(name, _)| name == "confirm") {
            self.fields.push(("confirm".to_owned(), "yes".to_owned()));
        }
    }
}

/// The first form of a page, with its inputs.
fn first_form(page: &str) -> Option<Form> {
    let (_, rest) = page.split_once("<form")?;
    let (head, rest) = rest.split_once('>')?;
    let (body, _) = rest.split_once("</form>")?;
    let is_post = attribute(head, "method").is_some_and(|m| m.eq_ignore_ascii_case("post"));
    let inputs = body.split("<input").skip(1);
    let fields = inputs.filter_map(|input| {
        let (input, _) = input.split_once('>')?;
        Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default()))
    });
    Some(Form {
        method: if is_post { Method::POST } else { Method::GET },
        action: attribute(head, "action").unwrap_or_default(),
        fields: fields.collect(),
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}="))?;
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let value = rest.get(1..)?.split(quote).next()?;
    let plain = [("&quot;", "\""), ("&#39;", "'"), ("&#x2F;", "/"), ("&lt;", "<"), ("&gt;", ">")];
    let value = plain.iter().fold(value.to_owned(), |value, (from, to)| value.replace(from, to));
    Some(value.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_and_filled() {
        let page = r#"<html><form autocomplete="off" action="/a?x=1&amp;y=2" method="post">
            <input type="hidden" name="prompt" value="login"/>
            <input required type="text" name="login" placeholder="any"></form>"#;
        let mut form = first_form(page).unwrap();
        form.fill("ann");
        assert_eq!((form.method, form.action.as_str()), (Method::POST, "/a?x=1&y=2"));
        let pairs = [("prompt", "login"), ("login", "ann"), ("confirm", "yes")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(form.fields, pairs);
        assert_eq!(first_form("<p>Done</p>"), None);
    }
}
