//! Loopback sockets: one port on 127.0.0.1 and, where there is one, on ::1.
//!
//! `localhost` may mean either address, and a foreign program on the other one
//! would be a bad surprise, so both are held.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::net::TcpListener;

/// Free ports tried until one is free on both addresses.
const ATTEMPTS: usize = 16;

/// The sockets of one service.
pub(crate) struct Sockets {
    pub(crate) port: u16,
    pub(crate) listeners: Vec<TcpListener>,
}

impl Sockets {
    /// Takes the given port, or any free one.
    pub(crate) async fn bind(port: Option<u16>) -> io::Result<Self> {
        if let Some(port) = port {
            return Self::bind_both(port).await;
        }
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..ATTEMPTS {
            match Self::bind_both(0).await {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = error,
                done => return done,
            }
        }
        Err(last)
    }

    async fn bind_both(port: u16) -> io::Result<Self> {
        let first = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let port = first.local_addr()?.port();
        let mut listeners = vec![first];
        match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await {
            Ok(second) => listeners.push(second),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(error) => tracing::debug!(%error, "no IPv6 loopback; going on without"),
        }
        Ok(Self { port, listeners })
    }
}
