//! Starting, stopping, ports, and time.

use std::{net::TcpListener, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use twinkit_emulator::{Emulator, EmulatorError, faults::Fault, ims, seed::Seed};

use crate::support::{client, models, models_url, token};

fn port(url: &str) -> u16 {
    url.rsplit_once(':').unwrap().1.parse().unwrap()
}

/// A run of free ports, as far as can be known beforehand.
fn free_run(count: u16) -> u16 {
    for _ in 0..64 {
        let first = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let taken: Vec<_> = (0..count)
            .map_while(|step| TcpListener::bind(("127.0.0.1", first.checked_add(step)?)).ok())
            .collect();
        if taken.len() == usize::from(count) {
            return first;
        }
    }
    panic!("no run of {count} free ports");
}

#[tokio::test]
async fn ports_are_consecutive_in_the_documented_order_and_freed_at_the_end() {
    let first = free_run(10);
    let emulator = Emulator::builder().port(first).instance("more").start().await.unwrap();
    let services = emulator.services();
    for (step, name) in [
        "identity",
        "digital-twins",
        "storage",
        "control",
        "ims",
        "managed-identity",
        "resource-manager",
        "iot-central",
        "itwin",
        "more",
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(usize::from(port(&services[*name])), usize::from(first) + step, "{name}");
    }
    let taken = Emulator::builder().port(first).start().await.unwrap_err();
    assert!(matches!(taken, EmulatorError::Listen { port: Some(port), .. } if port == first));
    emulator.shutdown().await;
    let again = Emulator::builder().port(first).start().await.unwrap();
    drop(again);
    let names = Emulator::builder().instance("control").start().await.unwrap_err();
    assert!(matches!(names, EmulatorError::NameTaken(_)));
    for (name, taken) in
        [("myapp", true), ("MyApp", true), ("my app", false), ("-a", false), ("", false)]
    {
        let error = Emulator::builder().iot_central_application(name).start().await.unwrap_err();
        match error {
            EmulatorError::ApplicationTaken(told) => assert!(taken && told == name, "{name}"),
            EmulatorError::ApplicationName(told) => assert!(!taken && told == name, "{name}"),
            other => panic!("{name}: {other}"),
        }
    }
    let range = Emulator::builder().port(65_534).start().await.unwrap_err();
    assert!(matches!(
        range,
        EmulatorError::PortRange { services: 9, .. } | EmulatorError::Listen { .. }
    ));
}

#[tokio::test]
async fn a_request_in_progress_ends_before_the_emulator_does() {
    let emulator = Emulator::start().await.unwrap();
    let token = token(&emulator, &[]).await;
    emulator.faults().next(Fault::delay(Duration::from_millis(200)).on("digital-twins"));
    let request = client().get(models_url(&emulator)).bearer_auth(token);
    let pending = tokio::spawn(request.send());
    while emulator.requests().list().iter().all(|noted| noted.service != "digital-twins") {
        tokio::task::yield_now().await;
    }
    let url = models_url(&emulator);
    emulator.shutdown().await;
    assert_eq!(pending.await.unwrap().unwrap().status(), 200);
    assert!(client().get(url).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn dropping_the_emulator_stops_it() {
    let emulator = Emulator::start().await.unwrap();
    let url = models_url(&emulator);
    let port = port(emulator.digital_twins_url());
    let mut idle = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    assert_eq!(client().get(&url).send().await.unwrap().status(), 401);
    drop(emulator);
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or(0), 0, "an idle connection is closed");
    assert!(client().get(&url).send().await.is_err());
}

#[tokio::test]
async fn connections_are_kept_alive() {
    let emulator = Emulator::start().await.unwrap();
    let port = port(emulator.digital_twins_url());
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    for _ in 0..2 {
        stream.write_all(b"GET /models HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"}") {
            let mut buffer = [0; 512];
            let count = stream.read(&mut buffer).await.unwrap();
            assert_ne!(count, 0, "closed early");
            seen.extend_from_slice(&buffer[..count]);
        }
        assert!(seen.starts_with(b"HTTP/1.1 401"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_moves_the_emulator_too() {
    let emulator = Emulator::start().await.unwrap();
    let token = token(&emulator, &[]).await;
    assert_eq!(models(&emulator, &token).await.status(), 200);
    let hour = Duration::from_secs(3600);
    emulator.faults().next(Fault::delay(hour).on("digital-twins"));
    let before = tokio::time::Instant::now();
    assert_eq!(models(&emulator, &token).await.status(), 401, "expired while it was delayed");
    assert!(before.elapsed() >= hour);
    emulator.shutdown().await;
}

#[tokio::test]
async fn the_environment_says_where_everything_is_and_debug_keeps_secrets() {
    let emulator = Emulator::start().await.unwrap();
    let env = emulator.env();
    assert_eq!(env["AZURE_DIGITALTWINS_URL"], emulator.digital_twins_url());
    assert_eq!(env["AZURE_AUTHORITY_HOST"], emulator.authority_url());
    assert_eq!(env["AZURE_TENANT_ID"], emulator.tenant_id());
    assert_eq!(env["AZURE_CLIENT_ID"], emulator.client_id());
    assert_eq!(env["AZURE_CLIENT_SECRET"], emulator.client_secret());
    assert_eq!(env["ITWIN_IMS_AUTHORITY"], emulator.ims_url());
    assert_eq!(env["ITWIN_CLIENT_ID"], ims::SERVICE_CLIENT_ID);
    assert_eq!(env["ITWIN_CLIENT_SECRET"], ims::SERVICE_CLIENT_SECRET);
    assert_eq!(env["AZURE_IOTCENTRAL_URL"], emulator.iot_central_url());
    assert_eq!(env["ITWIN_API_URL"], emulator.itwin_url());
    assert_eq!(env.len(), 10);
    assert!(!format!("{emulator:?}").contains(emulator.client_secret()));
    assert!(Emulator::builder().seed_file("no/such/file").start().await.is_err());
    assert!(Emulator::builder().seed(Seed::default()).start().await.is_ok());
}

#[tokio::test]
async fn zero_stands_for_free_ports() {
    let emulator = Emulator::builder().port(0).start().await.unwrap();
    let services = emulator.services();
    let ports: Vec<u16> =
        services.values().filter_map(|url| url.rsplit(':').next()?.parse().ok()).collect();
    assert_eq!(ports.len(), services.len(), "{services:?}");
    // Those that a system gives out are not those of its own services.
    assert!(ports.iter().all(|port| *port >= 1024), "{services:?}");
    emulator.shutdown().await;
}
