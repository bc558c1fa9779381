//! Contents on this side of a connection that cannot be read while they are sent.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::*;
use crate::{BoxFuture, ByteSource, Bytes, ErrorKind, SignedAddress};

/// What begins well, and then cannot be read or ends.
struct Bad {
    reads: AtomicUsize,
    fault: Mutex<Option<io::Error>>,
}

impl ByteSource for Bad {
    fn length(&self) -> u64 {
        20
    }

    fn read(&self, _offset: u64, _length: usize) -> BoxFuture<'static, io::Result<Bytes>> {
        let read = match self.reads.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(Bytes::from_static(b"hello")),
            _ => self.fault.lock().unwrap().take().map_or_else(|| Ok(Bytes::new()), Err),
        };
        Box::pin(std::future::ready(read))
    }
}

#[tokio::test]
async fn a_fault_of_the_file_is_told_as_one_and_no_repeat_is_spent_on_it() {
    let fault = io::Error::new(io::ErrorKind::NotFound, "a.bin: the disk is gone");
    for (fault, told) in [(Some(fault), "a.bin: the disk is gone"), (None, "another length")] {
        let server = Server::start([Step::status(201)]).await;
        let address = SignedAddress::parse(&format!("{}/b?sig=canary", server.url)).unwrap();
        let source = Arc::new(Bad { reads: AtomicUsize::new(0), fault: Mutex::new(fault) });
        let client = context(&server).for_signed_addresses();
        let put = client.request("upload", Method::PUT, &address);
        let error = put.part(Arc::clone(&source) as _, 0, 20, None).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OperationFailed);
        assert_eq!((error.attempts(), error.is_retryable()), (1, false));
        assert_eq!(source.reads.load(Ordering::SeqCst), 2);
        let text = error.to_string();
        assert!(text.starts_with("upload: operation failed: the contents cannot be read: "));
        assert!(text.contains(told) && !text.contains("127.0.0.1"), "{text}");
        assert_eq!(text.matches(told).count(), 1, "{text}");
        assert!(server.seen().is_empty(), "no whole request arrived");
    }
}
