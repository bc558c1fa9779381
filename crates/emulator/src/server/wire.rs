//! The TCP stream under a connection, which can be told to end with a reset.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// Says how the connection is to end; shared with the requests on it.
#[derive(Debug, Default)]
pub(crate) struct WireControl {
    resets: AtomicBool,
}

impl WireControl {
    /// From here on nothing more is sent, and the end is a reset.
    pub(crate) fn reset(&self) {
        self.resets.store(true, Ordering::Release);
    }

    fn is_reset(&self) -> bool {
        self.resets.load(Ordering::Acquire)
    }
}

/// A TCP stream that ends as its control says.
pub(crate) struct Wire {
    stream: TcpStream,
    control: Arc<WireControl>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> (Self, Arc<WireControl>) {
        let control = Arc::new(WireControl::default());
        (Self { stream, control: Arc::clone(&control) }, control)
    }

    fn check(&self) -> io::Result<()> {
        if self.control.is_reset() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.control.is_reset() {
            // Without lingering, closing sends a reset in place of an orderly
            // end. If that fails the peer sees an orderly end in mid-answer.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
