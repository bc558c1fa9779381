//! Blocks that are on their way at a time.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use twinkit_itwin::{ENDPOINT, ITwin, Secret};
use twinkit_tests::support::token;

use super::support::bytes;

/// A storage service that answers blocks in groups: none before so many are there.
struct Patient {
    together: Barrier,
    present: AtomicUsize,
    most: AtomicUsize,
    answered: AtomicUsize,
}

impl Patient {
    async fn start(together: usize) -> (String, Arc<Self>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/c/b?sig=canary", listener.local_addr().unwrap());
        let numbers = || AtomicUsize::new(0);
        let (present, most, answered) = (numbers(), numbers(), numbers());
        let patient = Self { together: Barrier::new(together), present, most, answered };
        let patient = Arc::new(patient);
        tokio::spawn(serve(listener, Arc::clone(&patient)));
        (url, patient)
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let is_block = request.uri().query().unwrap().contains("comp=block&");
        request.into_body().collect().await.unwrap();
        if is_block {
            let present = self.present.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(present, Ordering::SeqCst);
            self.together.wait().await;
            self.present.fetch_sub(1, Ordering::SeqCst);
            self.answered.fetch_add(1, Ordering::SeqCst);
        }
        Response::builder().status(201).body(Full::default()).unwrap()
    }
}

async fn serve(listener: TcpListener, patient: Arc<Patient>) {
    while let Ok((stream, _)) = listener.accept().await {
        let patient = Arc::clone(&patient);
        let service = service_fn(move |request| {
            let patient = Arc::clone(&patient);
            async move { Ok::<_, Infallible>(patient.answer(request).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async { drop(connection.await) });
    }
}

#[tokio::test]
async fn so_many_blocks_are_on_their_way_at_a_time_and_no_more() {
    for parallel in [1, 4] {
        let (url, patient) = Patient::start(parallel).await;
        // No call goes to the platform itself.
        let platform = ITwin::builder(token::fixed("fixed")).endpoint(ENDPOINT).build().unwrap();
        let upload =
            platform.transfers().upload_to(&Secret::from(url), bytes(8000)).in_blocks(1000);
        let upload = if parallel == 4 { upload } else { upload.parallel(parallel) };
        tokio::time::timeout(Duration::from_secs(60), upload.run()).await.unwrap().unwrap();
        assert_eq!(patient.most.load(Ordering::SeqCst), parallel);
        assert_eq!(patient.answered.load(Ordering::SeqCst), 8);
    }
}
