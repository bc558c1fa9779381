//! `devices set`: asks a device to take other values of properties.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::Part;
use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::iot_central::application::ApplicationArgs;
use crate::output::Output;
use crate::usage::wrong;

/// Set writable or cloud properties of a device.
///
/// A writable one is asked of the device, which answers when it has taken it up:
/// see `devices properties`. Properties that are not named stay.
#[derive(clap::Args)]
pub(in crate::iot_central) struct Args {
    /// The device's id.
    id: String,
    /// Name and value of a property, the value in JSON: speed=4.5, 'mode="eco"'.
    #[arg(required = true, value_name = "NAME=JSON", value_parser = property)]
    properties: Vec<(String, Value)>,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    consent: Consent,
}

fn property(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=JSON")?;
    if name.trim().is_empty() {
        return Err("write it as NAME=JSON".to_owned());
    }
    let value = serde_json::from_str(value).map_err(|error| {
        format!("the value is no JSON ({error}); a text needs quotes: '{name}=\"...\"'")
    })?;
    Ok((name.trim().to_owned(), value))
}

pub(super) async fn run(
    args: Args,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let Args { id, properties, part, consent } = args;
    consent.check()?;
    let mut names: Vec<&String> = properties.iter().map(|(name, _)| name).collect();
    names.sort();
    if let Some(twice) =
        names.iter().zip(names.iter().skip(1)).find(|(a, b)| a == b).map(|(a, _)| a)
    {
        return Err(wrong(format!("{twice} is given twice")));
    }
    let client = application.connect().await?;
    let place = part.of(&id);
    let steps: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("set {name} of {place} to {value}"))
        .collect();
    let values: Map<String, Value> = properties.into_iter().collect();
    let plan = json!({
        "change": "set",
        "device": id,
        "module": part.module,
        "component": part.component,
        "properties": values,
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let answer = part.properties(&client, &id).set(&values).await?;
    let names: Vec<String> = values.keys().map(|name| printable(name)).collect();
    let text = format!("asked {} for {}", printable(&place), names.join(", "));
    output.done(answer.document(), &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_named_values_in_json() {
        assert_eq!(property("speed=4.5").unwrap(), ("speed".to_owned(), json!(4.5)));
        assert_eq!(property(r#"mode="a=b""#).unwrap(), ("mode".to_owned(), json!("a=b")));
        assert!(property("mode=eco").unwrap_err().contains("quotes"));
        for text in ["speed", "=1", "speed="] {
            assert!(property(text).is_err(), "{text}");
        }
    }
}
