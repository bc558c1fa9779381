//! Tiles of dashboards: where they are, and what each kind of them needs.

use crate::iot_central::rules::Body;

/// Tiles of one dashboard, and devices of one tile.
const MOST: usize = 100;

/// A kind of tile.
struct Kind {
    name: &'static str,
    /// Texts that it needs.
    texts: &'static [&'static str],
    /// Whether it shows capabilities of devices of a group.
    of_group: bool,
    range: Range,
}

/// The range of time that a kind of tile needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Range {
    None,
    Time,
    TimeOrCount,
}

const fn chart(name: &'static str, range: Range) -> Kind {
    Kind { name, texts: &[], of_group: true, range }
}

const fn plain(name: &'static str, texts: &'static [&'static str]) -> Kind {
    Kind { name, texts, of_group: false, range: Range::None }
}

const KINDS: [Kind; 20] = [
    chart("barChart", Range::Time),
    plain("command", &["command"]),
    Kind { name: "dataExplorer", texts: &[], of_group: false, range: Range::Time },
    plain("deviceCount", &[]),
    chart("eventChart", Range::Time),
    chart("eventHistoryChart", Range::Time),
    plain("externalContent", &["sourceUrl"]),
    chart("heatMapChart", Range::Time),
    plain("image", &[]),
    chart("kpi", Range::Time),
    plain("label", &["text"]),
    chart("lineChart", Range::TimeOrCount),
    chart("lkv", Range::None),
    chart("mapProperty", Range::None),
    chart("mapTelemetry", Range::None),
    plain("markdown", &["description"]),
    chart("pieChart", Range::Time),
    chart("property", Range::None),
    chart("stateChart", Range::Time),
    chart("stateHistoryChart", Range::Time),
];

/// Looks the tiles of a dashboard over.
pub(super) fn check(body: &mut Body<'_>) {
    let Some(tiles) = body.optional_list("tiles") else { return };
    if tiles.len() > MOST {
        body.fault(format!("tiles has more than {MOST} items"));
    }
    for (index, tile) in tiles.iter().enumerate() {
        match tile.as_object() {
            Some(tile) => body.part(&format!("tiles.{index}"), tile, check_tile),
            None => body.fault(format!("tiles.{index} is no object")),
        }
    }
}

fn check_tile(body: &mut Body<'_>) {
    body.text("displayName");
    for (member, range) in
        [("height", 1.0..=10.0), ("width", 1.0..=10.0), ("x", 0.0..=100.0), ("y", 0.0..=100.0)]
    {
        if body.number(member).is_some_and(|number| !range.contains(&number)) {
            body.fault(format!("{member} is not from {} to {}", range.start(), range.end()));
        }
    }
    if let Some(configuration) = body.object("configuration") {
        body.part("configuration", configuration, check_configuration);
    }
}

fn check_configuration(body: &mut Body<'_>) {
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    let Some(name) = body.one_of("type", &names) else { return };
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else { return };
    for text in kind.texts {
        body.text(text);
    }
    if name == "command" {
        // One of two forms has a text here, the other anything.
        body.required("device");
    }
    if kind.of_group {
        body.text("group");
        body.required("devices");
        if body.optional_texts("devices").is_some_and(|devices| devices.len() > MOST) {
            body.fault(format!("devices has more than {MOST} items"));
        }
        check_capabilities(body);
    }
    if kind.range != Range::None
        && let Some(range) = body.object("queryRange")
    {
        let ranges = if kind.range == Range::Time { &["time"][..] } else { &["time", "count"] };
        body.part("queryRange", range, |body| check_range(body, ranges));
    }
}

fn check_capabilities(body: &mut Body<'_>) {
    let Some(capabilities) = body.optional_list("capabilities") else { return };
    for (index, capability) in capabilities.iter().enumerate() {
        match capability.as_object() {
            Some(capability) => {
                body.part(&format!("capabilities.{index}"), capability, |body| {
                    body.text("capability");
                    body.text("aggregateFunction");
                });
            }
            None => body.fault(format!("capabilities.{index} is no object")),
        }
    }
}

fn check_range(body: &mut Body<'_>, ranges: &[&str]) {
    match body.one_of("type", ranges) {
        // Further durations and resolutions may come, so any text goes.
        Some("time") => {
            body.text("duration");
            body.optional_text("resolution");
        }
        Some(_) => {
            body.integer("count", 100..=100);
        }
        None => {}
    }
}
