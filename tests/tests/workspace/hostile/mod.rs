//! Servers that mean harm, met by the client of every platform: links and
//! redirects that lead elsewhere, answers without end, answers that are small
//! only on the wire, depths that would exhaust a stack, and texts that would
//! drive a terminal.

mod bodies;
mod links;
mod server;
mod texts;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use twinkit_digital_twins::{CallOptions, Error};
use twinkit_tests::support::token;

use server::Hostile;

/// Must not arrive anywhere but at the server it was made for.
const TOKEN: &str = "canary-token";

/// One call of every platform's client: a single document, and a list.
struct Clients {
    twins: twinkit_digital_twins::Client,
    central: twinkit_iot_central::Client,
    itwin: twinkit_itwin::ITwin,
}

impl Clients {
    fn of(server: &Hostile) -> Self {
        let url = server.url();
        let once = CallOptions::new().max_retries(0);
        let twins = twinkit_digital_twins::Client::builder(url, token::fixed(TOKEN));
        let central = twinkit_iot_central::Client::builder(url, token::fixed(TOKEN));
        let itwin = twinkit_itwin::ITwin::builder(token::fixed(TOKEN)).endpoint(url);
        Self {
            twins: twins.build().unwrap().with_options(once.clone()),
            central: central.build().unwrap().with_options(once.clone()),
            itwin: itwin.build().unwrap().with_options(once),
        }
    }

    /// A document of each platform.
    fn documents(&self) -> [LocalBoxFuture<'_, Result<(), Error>>; 3] {
        [
            async { self.twins.get_twin().id("a").send().await.map(drop) }.boxed_local(),
            async { self.central.get_device().device_id("a").send().await.map(drop) }.boxed_local(),
            async { self.itwin.users().get_me().send().await.map(drop) }.boxed_local(),
        ]
    }

    /// All items of a list of each platform.
    fn lists(&self) -> [LocalBoxFuture<'_, Result<usize, Error>>; 3] {
        [
            async { Ok(self.twins.list_models().items().into_vec().await?.len()) }.boxed_local(),
            async { Ok(self.central.list_devices().items().into_vec().await?.len()) }.boxed_local(),
            async { Ok(self.itwin.itwins().list_itwins().items().into_vec().await?.len()) }
                .boxed_local(),
        ]
    }
}
