//! A server on raw sockets that follows a script and keeps what it was sent: most
//! faults lie below HTTP. It must not know what a fault is for.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::script::Step;
use super::time::Hourglass;
use crate::support::recorder::Recorded;

/// Between two bytes of an answer that drips.
const DRIP: Duration = Duration::from_secs(5);
/// No request of a test is longer.
const LONGEST: usize = 1024 * 1024;

/// A running server; dropping it ends it.
#[derive(Debug)]
pub(super) struct Server {
    port: u16,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

/// What arrived.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    /// Requests that were read.
    pub(super) requests: Vec<Recorded>,
    /// Connections that were ended before anything was read.
    pub(super) turned_away: usize,
}

#[derive(Debug, Default)]
struct State {
    steps: Vec<Step>,
    taken: usize,
    arrived: Arrived,
}

impl State {
    fn peek(&self) -> Option<&Step> {
        self.steps.get(self.taken).or(self.steps.last())
    }

    fn take(&mut self) -> Option<Step> {
        let step = self.peek().cloned();
        self.taken += 1;
        step
    }
}

impl Server {
    /// Starts a server that hangs up on everybody until it has a script.
    pub(super) async fn start(hourglass: &Hourglass) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(Mutex::new(State::default()));
        let door = Door { state: Arc::clone(&state), hourglass: hourglass.clone() };
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                door.let_in(stream);
            }
        });
        Ok(Self { port, state, task })
    }

    pub(super) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// Follows another script from now on.
    pub(super) fn play(&self, steps: Vec<Step>) {
        *lock(&self.state) = State { steps, ..State::default() };
    }

    /// What arrived under this script.
    pub(super) fn arrived(&self) -> Arrived {
        std::mem::take(&mut lock(&self.state).arrived)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone)]
struct Door {
    state: Arc<Mutex<State>>,
    hourglass: Hourglass,
}

impl Door {
    fn let_in(&self, stream: TcpStream) {
        let mut state = lock(&self.state);
        let blurts = match state.peek() {
            None | Some(Step::Hangup) => {
                state.take();
                state.arrived.turned_away += 1;
                reset(stream);
                return;
            }
            Some(Step::Blurt) => {
                state.take();
                state.arrived.turned_away += 1;
                true
            }
            Some(_) => false,
        };
        drop(state);
        let door = self.clone();
        tokio::spawn(async move {
            // A connection that breaks is the client's to notice.
            let _ = if blurts { blurt(stream).await } else { door.serve(stream).await };
        });
    }

    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        while let Some(request) = read(&mut stream).await? {
            let step = {
                let mut state = lock(&self.state);
                state.arrived.requests.push(request.clone());
                state.take()
            };
            match step {
                None | Some(Step::Hangup | Step::Blurt | Step::Reset) => {
                    reset(stream);
                    return Ok(());
                }
                Some(Step::Keep(reply)) => stream.write_all(&reply.bytes(&request, true)).await?,
                Some(Step::Answer(reply)) => {
                    return stream.write_all(&reply.bytes(&request, false)).await;
                }
                Some(Step::Cut(reply)) => {
                    return stream.write_all(&reply.unfinished(&request)).await;
                }
                Some(Step::Drip(reply)) => {
                    stream.write_all(&reply.unfinished(&request)).await?;
                    return self.linger(stream, b" ").await;
                }
                Some(Step::Silence) => return self.linger(stream, b"").await,
            }
        }
        Ok(())
    }

    /// Sends this now and then until the client has had enough.
    async fn linger(&self, mut stream: TcpStream, bit: &[u8]) -> io::Result<()> {
        let mut rest = [0; 64];
        loop {
            let next = Instant::now() + DRIP;
            self.hourglass.server_waits_until(Some(next));
            let done = tokio::select! {
                read = stream.read(&mut rest) => !matches!(read, Ok(1..)),
                () = sleep_until(next) => stream.write_all(bit).await.is_err(),
            };
            if done {
                self.hourglass.server_waits_until(None);
                return Ok(());
            }
        }
    }
}

/// Ends a connection as one that breaks, not as one that is done.
fn reset(stream: TcpStream) {
    // Without it the connection ends all the same, if more politely.
    let _ = stream.set_zero_linger();
}

/// What a server says that was asked in a language it does not speak.
async fn blurt(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").await?;
    stream.shutdown().await?;
    // Closing with unread bytes would reset what was said.
    while stream.read(&mut [0; 512]).await? > 0 {}
    Ok(())
}

/// Reads one request; `None` where the client is done.
async fn read(stream: &mut TcpStream) -> io::Result<Option<Recorded>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut bytes = Vec::with_capacity(4096);
    let head = loop {
        if let Some(end) = bytes.windows(END.len()).position(|window| window == END) {
            break end;
        }
        if bytes.len() > LONGEST || stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let mut request = parse(bytes.get(..head).unwrap_or_default()).ok_or_else(unreadable)?;
    let length = request.header("content-length").map_or(Ok(0), |text| text.parse::<usize>());
    let whole = head + END.len() + length.map_err(|_| unreadable())?.min(LONGEST);
    while bytes.len() < whole {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
    request.body = Bytes::from(bytes).slice(head + END.len()..whole);
    Ok(Some(request))
}

fn unreadable() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the request is not HTTP/1.1")
}

fn parse(head: &[u8]) -> Option<Recorded> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    Some(Recorded { method, target, headers, body: Bytes::new() })
}
