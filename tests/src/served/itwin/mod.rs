//! Scenarios of the iTwin Platform, one file or folder per API. They are played by
//! the person who administrates the organization, but for webhooks, which only
//! service applications may have.

mod access_control;
mod imodels;
mod itwins;
mod reality_management;
mod storage;
mod users;
mod webhooks;

use serde_json::{Value, json};
use twinkit_emulator::Emulator;
use twinkit_itwin::ITwin;

use super::{Callable, Play, Seen};
use crate::generated::{self, Answer, Failure, Values};
use crate::spec::Document;
use crate::support::itwin_stage::ITwinStage;
use crate::support::token;

/// A GUID that nothing has.
const MISSING: &str = "00000000-0000-4000-8000-000000000000";

/// The head of a picture of four by four points, which is all that is looked at.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x04\0\0\0\x04\x08\x06\0\0\0";

macro_rules! played {
    ($name:ident by $who:ident, $callers:ident, $subject:ident, $about:literal) => {
        impl Callable for twinkit_itwin::$name::Client {
            async fn call(&self, operation: &str, values: &Values) -> Result<Answer, Failure> {
                generated::$callers::call(self, operation, values).await
            }
        }

        #[doc = concat!("Plays all scenarios of the ", $about, " API; gives what was seen of")]
        /// each operation of the document.
        ///
        /// # Errors
        /// The document cannot be read, or the emulator does not start.
        pub async fn $name(document: &Document) -> anyhow::Result<Seen> {
            let stand = Stand::start().await?;
            let (client, stranger) = (stand.$who.$name().clone(), stand.nobody.$name().clone());
            let subject = crate::coverage::itwin::$subject::default();
            let mut play = Play::new(document, subject, client, stranger)?;
            $name::play(&mut play, &stand).await?;
            stand.emulator.shutdown().await;
            Ok(play.seen)
        }
    };
}

played!(users by ada, itwin_users, Users, "Users");
played!(itwins by ada, itwin_itwins, ITwins, "iTwins");
played!(access_control by ada, itwin_access_control, AccessControl, "Access Control");
played!(imodels by ada, itwin_imodels, IModels, "iModels");
played!(storage by ada, itwin_storage, Storage, "Storage");
played!(reality_management by ada, itwin_reality_management, RealityManagement, "Reality Management");
played!(webhooks by service, itwin_webhooks, Webhooks, "Webhooks");

/// An emulator with three callers of its platform.
struct Stand {
    emulator: Emulator,
    /// Administrates the organization.
    ada: ITwin,
    /// A service application, in an account of its own.
    service: ITwin,
    /// Whose token opens nothing.
    nobody: ITwin,
}

impl Stand {
    async fn start() -> anyhow::Result<Self> {
        let stage = ITwinStage::start().await?;
        let nobody = stage.client(token::fixed("a-token-of-elsewhere"))?;
        let ITwinStage { emulator, ada, service, .. } = stage;
        Ok(Self { emulator, ada, service, nobody })
    }

    /// Makes an iTwin of Ada's; gives its id.
    async fn itwin(&self, name: &str) -> anyhow::Result<String> {
        made_itwin(&self.ada, name).await
    }
}

/// Makes an iTwin of somebody's; gives its id.
async fn made_itwin(whose: &ITwin, name: &str) -> anyhow::Result<String> {
    let body = json!({"class": "Thing", "subClass": "Asset", "displayName": name});
    let made = whose.itwins().call("create_itwin", &Values::new().with("body", body)).await?;
    Ok(text(Some(&made), "/iTwin/id"))
}

/// A text of an answer by its JSON Pointer. Where there is none the calls that
/// need it fail.
fn text(answer: Option<&Answer>, pointer: &str) -> String {
    let found = answer.and_then(|answer| answer.value.pointer(pointer));
    found.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Values for one parameter.
fn one(name: &str, value: &str) -> Values {
    Values::new().with(name, value)
}

/// Asks for everything there is.
fn whole(values: Values) -> Values {
    values.with("Prefer", "return=representation")
}

/// Puts content to a signed address, as a user does.
async fn put(url: &str, content: &'static str) -> anyhow::Result<()> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let request = http.put(url).header("x-ms-blob-type", "BlockBlob").body(content);
    request.send().await?.error_for_status()?;
    Ok(())
}
