//! Which port each service takes: one behind the other from a given one on, those of
//! the last time, or any free ones.

use std::collections::BTreeMap;

use super::{EmulatorError, listener::Sockets};
use crate::data::{Data, DataError};

/// Name under which the ports are kept.
const NAME: &str = "ports";

/// Takes a port for each service. Those of the last time are taken or the start fails:
/// somebody may hold addresses with them.
pub(super) async fn bind(
    names: &[String],
    first: Option<u16>,
    data: &Data,
) -> Result<Vec<(String, Sockets)>, EmulatorError> {
    let kept = kept(data)?;
    let mut bound = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let port = match first {
            None => kept.get(name).copied(),
            Some(first) => {
                let port = u16::try_from(index).ok().and_then(|index| first.checked_add(index));
                let services = names.len();
                Some(port.ok_or(EmulatorError::PortRange { first, services })?)
            }
        };
        let sockets = Sockets::bind(port).await.map_err(|source| EmulatorError::Listen {
            service: name.clone(),
            port,
            source,
        })?;
        bound.push((name.clone(), sockets));
    }
    let mut ports = kept.clone();
    ports.extend(bound.iter().map(|(name, sockets)| (name.clone(), sockets.port)));
    if ports != kept {
        data.keep(NAME, &serde_json::to_vec(&ports).unwrap_or_default())?;
    }
    Ok(bound)
}

fn kept(data: &Data) -> Result<BTreeMap<String, u16>, DataError> {
    let kept = data.kept(NAME)?;
    Ok(kept.and_then(|kept| serde_json::from_slice(&kept).ok()).unwrap_or_default())
}
