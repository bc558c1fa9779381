//! A server in a process of its own: this program again, told so by an argument.
//! What it serves is its program's business.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use tokio::net::TcpListener;

/// The server as a child of this process; ends with it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts this program again with `argument`, upon which it must call
    /// [`listen`].
    ///
    /// # Errors
    /// It does not start or says no address.
    pub fn start(argument: &str) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(argument)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("the server has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(Self { child, url: line.trim().to_owned() })
    }

    /// The server's address, without a final slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends by itself when its input does; this is only quicker.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Takes a port and says its address, which is given too. The process ends when
/// its standard input does.
///
/// # Errors
/// There is no port.
pub async fn listen() -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    println!("{url}");
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    Ok((listener, url))
}
