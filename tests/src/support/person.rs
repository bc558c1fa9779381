//! A person who signs in to the emulator's identity service, with a browser that
//! goes where it is sent.

use std::net::TcpListener;

use tokio::runtime::Handle;
use twinkit_auth::Credential;
use twinkit_emulator::Emulator;
use twinkit_emulator::ims::ImsClient;

/// The credential of a person who is signed in without a page, by a native
/// application of its own on a port of its own.
///
/// # Errors
/// There is no such person, or no port.
pub fn credential(emulator: &Emulator, email: &str) -> anyhow::Result<Credential> {
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let (id, uri) = (format!("native-{port}"), format!("http://localhost:{port}/signin-callback"));
    emulator.ims().add_client(ImsClient::native(&id, &uri))?;
    emulator.ims().sign_in_automatically(Some(email))?;
    let browser = reqwest::Client::builder().no_proxy().build()?;
    let runtime = Handle::current();
    let open = move |url: &str| {
        let visit = browser.get(url).send();
        // What goes wrong there is told by the sign-in, which gets no answer.
        runtime.spawn(async { drop(visit.await) });
        Ok(())
    };
    let builder = Credential::ims_native(id).host(emulator.ims_url()).redirect_uri(uri);
    Ok(builder.open_with(open).build()?)
}
