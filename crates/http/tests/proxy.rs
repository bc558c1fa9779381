//! What proxy variables of the environment do. They are read when a client is
//! built, so each case is this test run again in a process of its own.

#![cfg(test)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use twinkit_http::HttpClientConfig;

const TARGET: &str = "TWINKIT_TEST_TARGET";
/// Set if the client is to be one for the machine's own services.
const DIRECT: &str = "TWINKIT_TEST_DIRECT";

/// Runs only as the child process: says what it reached.
#[tokio::test]
async fn reach() {
    let Ok(target) = std::env::var(TARGET) else { return };
    let url = target.parse().unwrap();
    let config = HttpClientConfig::new();
    let client = match std::env::var_os(DIRECT) {
        Some(_) => config.build_direct(Duration::from_secs(2)).unwrap(),
        None => config.build_for(&url).unwrap(),
    };
    match client.get(url).send().await {
        Ok(answer) => println!("reached {}", answer.text().await.unwrap()),
        Err(_) => println!("reached nobody"),
    }
}

/// A server that answers every request with its name.
fn server(name: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let _ = socket.read(&mut [0; 2048]);
            let length = name.len();
            let _ = write!(
                socket,
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{name}"
            );
        }
    });
    format!("http://{address}/")
}

fn reached(target: &str, proxy: &str, direct: bool) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    for name in ["HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"] {
        child.env_remove(name);
    }
    child.args(["--exact", "reach", "--nocapture"]).env(TARGET, target).env("http_proxy", proxy);
    if direct {
        child.env(DIRECT, "1");
    }
    String::from_utf8(child.output().unwrap().stdout).unwrap()
}

#[test]
fn this_machine_is_reached_past_the_environments_proxy_and_others_through_it() {
    let (service, proxy) = (server("the service"), server("the proxy"));
    assert!(reached(&service, &proxy, false).contains("reached the service"));
    assert!(reached("http://service.invalid/", &proxy, false).contains("reached the proxy"));
}

#[test]
fn the_machines_own_services_are_never_reached_through_a_proxy() {
    let (service, proxy) = (server("the service"), server("the proxy"));
    assert!(reached(&service, &proxy, true).contains("reached the service"));
    assert!(reached("http://service.invalid/", &proxy, true).contains("reached nobody"));
}
