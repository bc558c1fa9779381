//! The server of the benchmark: fixed answers, in a process of its own.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;

use super::{DEVICES_PER_PAGE, ITWINS_PER_PAGE, ROWS_PER_PAGE};
use crate::support::child;

/// A twin as the service sends it: a third is metadata.
pub(super) const TWIN: &str = concat!(
    r#"{"$dtId":"room-1","$etag":"W/\"5f1a0d3e-7d1c-4a53-8f0e-2f9b6f8b8f11\"","#,
    r#""name":"Room 0.01","temperature":21.5,"humidity":43.25,"occupied":true,"capacity":12,"#,
    r#""thermostat":{"setPoint":21.0,"$metadata":{"setPoint":"#,
    r#"{"lastUpdateTime":"2024-01-01T12:00:00.1234567Z"}}},"#,
    r#""$metadata":{"$model":"dtmi:example:building:Room;1","#,
    r#""$lastUpdateTime":"2024-01-01T12:00:00.1234567Z","#,
    r#""name":{"lastUpdateTime":"2024-01-01T12:00:00.1234567Z"},"#,
    r#""temperature":{"lastUpdateTime":"2024-01-01T12:00:00.1234567Z"}}}"#
);

/// A device of IoT Central, with the etag in one of the layouts seen.
pub(super) const DEVICE: &str = concat!(
    r#"{"id":"pump-0001","etag":"eyJoZWFkZXIiOiJcIjI0MDAwYTA3LTAwMDAtMDMwMC0wMDAwLTYyYz"#,
    r#"ViYzQ3MDAwMFwiIiwiZGF0YSI6IlwiMmUwMGI5MDAtMDAwMC0wMzAwLTAwMDAtNjJjNWJjNDcwMDAwXCIifQ","#,
    r#""displayName":"Pump 1 of the water works","simulated":false,"provisioned":true,"#,
    r#""template":"dtmi:example:waterworks:pump;3","enabled":true,"organizations":["north"]}"#
);

/// An iTwin with everything that the platform tells.
pub(super) const ITWIN: &str = concat!(
    r#"{"id":"dc914a84-e0c9-40e2-9d14-faf5ed84147f","class":"Endeavor","subClass":"Project","#,
    r#""type":"Bridge","number":"B-0042","displayName":"Bridge over the river","#,
    r#""geographicLocation":"Aberdeen","latitude":57.1,"longitude":-2.1,"#,
    r#""ianaTimeZone":"Europe/London","dataCenterLocation":"UK South","status":"Active","#,
    r#""parentId":"78202ffd-272b-4207-a7ad-7d2b1af5137f","#,
    r#""iTwinAccountId":"78202ffd-272b-4207-a7ad-7d2b1af5137f","imageName":null,"image":null,"#,
    r#""createdDateTime":"2024-01-01T12:00:00.000Z","#,
    r#""createdBy":"6a2fb35b-0bd0-4f4c-a6ea-9fa1bbf8ad13"}"#
);

/// The essentials of it.
pub(super) const ITWIN_MINIMAL: &str = concat!(
    r#"{"id":"dc914a84-e0c9-40e2-9d14-faf5ed84147f","class":"Endeavor","subClass":"Project","#,
    r#""type":"Bridge","number":"B-0042","displayName":"Bridge over the river"}"#
);

/// The parameter that tells the next page of a list.
const SKIP: &str = "%24skiptoken=";

/// Where an answer's token tells the next page's number.
const TOKEN: &[u8] = b"\"continuationToken\":\"";

/// Serves until the standard input ends; says the address first.
///
/// # Errors
/// There is no port.
pub async fn serve() -> anyhow::Result<()> {
    let (listener, url) = child::listen().await?;
    let list = |item: &str, count: usize| vec![item; count].join(",");
    let fixed = Fixed {
        url: url.leak(),
        rows: list(TWIN, ROWS_PER_PAGE).leak(),
        devices: list(DEVICE, DEVICES_PER_PAGE).leak(),
        itwins: list(ITWIN_MINIMAL, ITWINS_PER_PAGE).leak(),
        itwin: format!("{{\"iTwin\":{ITWIN}}}").leak(),
    };
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| answer(request, fixed)),
        );
        tokio::spawn(async { drop(connection.await) });
    }
}

/// What answers are made of.
#[derive(Clone, Copy)]
struct Fixed {
    url: &'static str,
    rows: &'static str,
    devices: &'static str,
    itwins: &'static str,
    itwin: &'static str,
}

async fn answer(
    request: Request<Incoming>,
    fixed: Fixed,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let response = Response::builder()
        .header("content-type", "application/json; charset=utf-8")
        .header("query-charge", "4.5")
        .header("etag", "W/\"5f1a0d3e-7d1c-4a53-8f0e-2f9b6f8b8f11\"");
    let query = request.uri().query().unwrap_or_default();
    let body = match request.uri().path() {
        "/api/devices" => devices(query, fixed),
        "/itwins" | "/itwins/" => itwins(query, fixed),
        path if path.starts_with("/api/devices/") => Bytes::from_static(DEVICE.as_bytes()),
        path if path.starts_with("/itwins/") => Bytes::from_static(fixed.itwin.as_bytes()),
        _ if request.method() == Method::GET => Bytes::from_static(TWIN.as_bytes()),
        _ => {
            let body = request.into_body().collect().await;
            let next = body.map(|body| page_of(&body.to_bytes())).unwrap_or_default() + 1;
            Bytes::from(format!("{{\"value\":[{}],\"continuationToken\":\"{next}\"}}", fixed.rows))
        }
    };
    Ok(response.body(Full::new(body)).unwrap_or_default())
}

/// A page of devices, with a link to the next one.
fn devices(query: &str, fixed: Fixed) -> Bytes {
    let Fixed { url, devices, .. } = fixed;
    let next = skipped(query) + 1;
    let link = format!("{url}/api/devices?api-version=2022-07-31&{SKIP}{next}");
    Bytes::from(format!("{{\"value\":[{devices}],\"nextLink\":\"{link}\"}}"))
}

/// A page of iTwins, with a link to the next one.
fn itwins(query: &str, fixed: Fixed) -> Bytes {
    let Fixed { url, itwins, .. } = fixed;
    let link = format!("{url}/itwins?{SKIP}{}", skipped(query) + 1);
    Bytes::from(format!(
        "{{\"iTwins\":[{itwins}],\"_links\":{{\"next\":{{\"href\":\"{link}\"}}}}}}"
    ))
}

/// The page that a list's address asks for.
fn skipped(query: &str) -> usize {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(SKIP))
        .and_then(|page| page.parse().ok())
        .unwrap_or_default()
}

/// The number of the page that a request asks for.
fn page_of(body: &[u8]) -> usize {
    let begin = body.windows(TOKEN.len()).position(|part| part == TOKEN);
    let digits = begin.and_then(|begin| body.get(begin + TOKEN.len()..)).unwrap_or_default();
    let digits: Vec<u8> = digits.iter().copied().take_while(u8::is_ascii_digit).collect();
    String::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_name_pages() {
        assert_eq!(page_of(br#"{"query":"SELECT *"}"#), 0);
        assert_eq!(page_of(br#"{"continuationToken":"412"}"#), 412);
    }
}
