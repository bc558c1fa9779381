//! Servers that speak HTTP/2: what they did not begin with is sent again, and told apart
//! from what may have been done; a connection that is dead without a word is left.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use h2::Reason;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use twinkit_iot_central::{CallOptions, Client, ErrorKind};

const TOKEN: &str = "SharedAccessSignature sr=1&sig=canary&skn=ops&se=4102444800000";

/// What becomes of a request.
#[derive(Clone, Copy)]
enum Deed {
    Answer,
    /// Its stream is refused.
    Refuse,
    /// The connection is closed in good order, and says that it has begun with nothing.
    Leave,
    /// The stream is broken off, whatever was done.
    Break,
    /// It is answered, and the connection is not looked at any more.
    AnswerAndDie,
}

/// A server of whose requests each has its deed, and the last one all others.
struct Server {
    url: String,
    ca_pem: String,
    requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    async fn start(deeds: &'static [Deed]) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(acceptor.clone(), stream, deeds, Arc::clone(&count)));
            }
        });
        Self { url, ca_pem: made.cert.pem(), requests, task }
    }

    fn client(&self) -> Client {
        let builder = Client::with_api_token(&self.url, TOKEN).unwrap();
        builder.ca_pem(self.ca_pem.clone()).build().unwrap()
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn deed_of(deeds: &[Deed], number: usize) -> Deed {
    deeds.get(number).or(deeds.last()).copied().unwrap()
}

/// Waits for a request and says that it was none of those that are begun with, which no
/// library does: frames by hand (RFC 9113 sections 4.1, 6.5 and 6.8).
async fn leave(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    requests: &AtomicUsize,
) -> io::Result<()> {
    const HEADERS: u8 = 1;
    const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    // With a word of what it was sent.
    const GO_AWAY: [u8; 17] = [0, 0, 8 + 6, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    stream.write_all(&SETTINGS).await?;
    stream.read_exact(&mut [0; 24]).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        stream.read_exact(&mut vec![0; usize::try_from(length).unwrap()]).await?;
        if head[3] == HEADERS {
            break;
        }
    }
    requests.fetch_add(1, Ordering::SeqCst);
    stream.write_all(&[&GO_AWAY[..], b"canary"].concat()).await?;
    stream.read_to_end(&mut Vec::new()).await.map(|_| ())
}

async fn serve(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    deeds: &'static [Deed],
    requests: Arc<AtomicUsize>,
) {
    let stream = acceptor.accept(stream).await.unwrap();
    if matches!(deed_of(deeds, requests.load(Ordering::SeqCst)), Deed::Leave) {
        // It ends when the other side leaves, too.
        let _ = leave(stream, &requests).await;
        return;
    }
    let mut connection = h2::server::handshake(stream).await.unwrap();
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        let number = requests.fetch_add(1, Ordering::SeqCst);
        let deed = deed_of(deeds, number);
        match deed {
            Deed::Answer | Deed::AnswerAndDie => {
                let answer = http::Response::builder().status(200).body(()).unwrap();
                let mut body = respond.send_response(answer, false).unwrap();
                body.send_data(Bytes::from_static(br#"{"value":[]}"#), true).unwrap();
            }
            Deed::Refuse => respond.send_reset(Reason::REFUSED_STREAM),
            Deed::Break => respond.send_reset(Reason::INTERNAL_ERROR),
            Deed::Leave => unreachable!("that is a connection's"),
        }
        if matches!(deed, Deed::AnswerAndDie) {
            // What was said goes out, and nothing is read any more.
            let sent = std::future::poll_fn(|cx| connection.poll_closed(cx));
            let _ = tokio::time::timeout(Duration::from_millis(200), sent).await;
            return std::future::pending().await;
        }
    }
}

/// Asks a device to do what must not be done twice, and tells how often it was sent.
async fn commanded(server: &Server, client: &Client) -> (Result<(), ErrorKind>, usize) {
    let before = server.requests();
    let told = client.command("pump-1", "restart").run().await;
    if let Err(error) = &told {
        let causes = std::iter::successors(error.source(), |&cause| cause.source());
        let said = causes
            .fold(format!("{error} {error:?}"), |said, cause| format!("{said} {cause} {cause:?}"));
        assert!(!said.contains("canary"), "{said}");
    }
    (told.map(|_| ()).map_err(|error| error.kind()), server.requests() - before)
}

#[tokio::test(start_paused = true)]
async fn what_was_not_begun_is_sent_again_and_what_may_have_been_is_not() {
    for deed in [&[Deed::Refuse, Deed::Answer], &[Deed::Leave, Deed::Answer]] {
        let server = Server::start(deed).await;
        assert_eq!(commanded(&server, &server.client()).await, (Ok(()), 2));
    }
    let server = Server::start(&[Deed::Break, Deed::Answer]).await;
    assert_eq!(commanded(&server, &server.client()).await, (Err(ErrorKind::Transport), 1));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_repeated_behind_the_calls_back() {
    for deed in [&[Deed::Refuse], &[Deed::Leave]] {
        let server = Server::start(deed).await;
        let once = server.client().with_options(CallOptions::new().no_retry());
        assert_eq!(commanded(&server, &once).await, (Err(ErrorKind::Connect), 1));
        let thrice = server.client().with_options(CallOptions::new().max_retries(2));
        assert_eq!(commanded(&server, &thrice).await, (Err(ErrorKind::Connect), 3));
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_dead_is_left() {
    let server = Server::start(&[Deed::AnswerAndDie, Deed::Answer]).await;
    let client = server.client().with_options(CallOptions::new().max_retries(1));
    for _ in 0..2 {
        client.list_users().send().await.unwrap();
    }
    assert_eq!(server.requests(), 2, "the first connection reads nothing more");
}
