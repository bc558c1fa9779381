//! Filters and order of the list.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::{INVALID, store::RealityData};
use crate::itwin::{ApiError, errors::Detail, routes::Call, rules::is_guid};

/// What a list may be sorted by.
const SORTED: [&str; 9] = [
    "displayName",
    "type",
    "classification",
    "dataset",
    "group",
    "dataCenterLocation",
    "createdDateTime",
    "modifiedDateTime",
    "lastAccessedDateTime",
];

/// What a list is asked for.
#[derive(Debug, Default)]
pub(super) struct Query {
    /// In lower case.
    search: Option<String>,
    types: Option<Vec<String>>,
    owner_id: Option<String>,
    data_center: Option<String>,
    tag: Option<String>,
    extent: Option<Rectangle>,
    acquired: Option<Span>,
    created: Option<Span>,
    modified: Option<Span>,
    accessed: Option<Span>,
    /// Members, and whether the greatest comes first.
    order: Vec<(&'static str, bool)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Rectangle {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

/// From a time to another one, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: Timestamp,
    to: Timestamp,
}

impl Query {
    pub(super) fn read(call: &Call) -> Result<Self, ApiError> {
        let mut details = Vec::new();
        let mut span = |name: &str| read(call, name, &mut details, SPAN, Span::read);
        let (acquired, created) = (span("acquisitionDateTime"), span("createdDateTime"));
        let (modified, accessed) = (span("modifiedDateTime"), span("lastAccessedDateTime"));
        let query = Self {
            search: call.parameter("$search").map(|text| text.to_lowercase()),
            types: call
                .parameter("types")
                .map(|types| types.split(',').map(|name| name.trim().to_owned()).collect()),
            owner_id: read(call, "ownerId", &mut details, "It must be a GUID.", |id| {
                is_guid(id).then(|| id.to_ascii_lowercase())
            }),
            data_center: call.parameter("dataCenter"),
            tag: call.parameter("tag"),
            extent: read(call, "extent", &mut details, EXTENT, Rectangle::read),
            acquired,
            created,
            modified,
            accessed,
            order: read(call, "$orderBy", &mut details, ORDER, read_order).unwrap_or_default(),
        };
        if details.is_empty() { Ok(query) } else { Err(ApiError::invalid(INVALID, details)) }
    }

    pub(super) fn wants(&self, data: &RealityData) -> bool {
        let within = |span: &Option<Span>, time| span.is_none_or(|span| span.holds(time));
        self.search.as_ref().is_none_or(|text| mentions(data, text))
            && self.types.as_ref().is_none_or(|it| it.iter().any(|it| it == data.text("type")))
            && self.owner_id.as_ref().is_none_or(|id| *id == data.owner_id)
            && self.data_center.as_ref().is_none_or(|it| it.eq_ignore_ascii_case(&data.data_center))
            && self.tag.as_ref().is_none_or(|tag| data.tags().any(|other| other == tag))
            && self.extent.is_none_or(|extent| {
                Rectangle::of(data).is_some_and(|other| extent.overlaps(other))
            })
            && self.acquired.is_none_or(|span| {
                Span::of(data).is_some_and(|other| span.from <= other.to && other.from <= span.to)
            })
            && within(&self.created, data.created)
            && within(&self.modified, data.modified)
            && within(&self.accessed, data.accessed)
    }

    pub(super) fn sort(&self, found: &mut [&RealityData]) {
        found.sort_by(|one, other| {
            let compared = self.order.iter().map(|(member, descends)| {
                let ordering = compare(member, one, other);
                if *descends { ordering.reverse() } else { ordering }
            });
            compared.into_iter().find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
        });
    }
}

const SPAN: &str = "It must be two times in UTC with a slash between them.";
const EXTENT: &str = "It must be west, south, east and north in degrees, with commas between them.";
const ORDER: &str = "It must be made of members of reality data, each with asc or desc.";

fn read<T>(
    call: &Call,
    name: &str,
    details: &mut Vec<Detail>,
    what: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let read = read(&call.parameter(name)?);
    if read.is_none() {
        details.push(Detail::new("InvalidParameter", what).at(name));
    }
    read
}

fn read_order(text: &str) -> Option<Vec<(&'static str, bool)>> {
    let parts = text.split(',').map(|part| {
        let mut words = part.split_whitespace();
        let name = words.next()?;
        let member = SORTED.into_iter().find(|member| member.eq_ignore_ascii_case(name))?;
        let descends = match words.next() {
            None => false,
            Some(way) if way.eq_ignore_ascii_case("asc") => false,
            Some(way) if way.eq_ignore_ascii_case("desc") => true,
            Some(_) => return None,
        };
        words.next().is_none().then_some((member, descends))
    });
    parts.collect()
}

fn compare(member: &str, one: &RealityData, other: &RealityData) -> Ordering {
    match member {
        "createdDateTime" => one.created.cmp(&other.created),
        "modifiedDateTime" => one.modified.cmp(&other.modified),
        "lastAccessedDateTime" => one.accessed.cmp(&other.accessed),
        "dataCenterLocation" => one.data_center.cmp(&other.data_center),
        member => one.text(member).to_lowercase().cmp(&other.text(member).to_lowercase()),
    }
}

fn mentions(data: &RealityData, text: &str) -> bool {
    let members = ["displayName", "description", "dataset", "group"];
    let said = members.into_iter().map(|member| data.text(member)).chain(data.tags());
    said.into_iter().any(|said| said.to_lowercase().contains(text))
}

impl Span {
    fn read(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('/')?;
        let span = Self { from: from.trim().parse().ok()?, to: to.trim().parse().ok()? };
        (span.from <= span.to).then_some(span)
    }

    /// When the data were captured; an end that is missing is the beginning.
    fn of(data: &RealityData) -> Option<Self> {
        let acquisition = data.members.get("acquisition")?;
        let time = |name: &str| acquisition.get(name)?.as_str()?.parse().ok();
        let (start, end) = (time("startDateTime"), time("endDateTime"));
        Some(Self { from: start.or(end)?, to: end.or(start)? })
    }

    fn holds(self, time: Timestamp) -> bool {
        (self.from..=self.to).contains(&time)
    }
}

impl Rectangle {
    fn read(text: &str) -> Option<Self> {
        let numbers: Option<Vec<f64>> =
            text.split(',').map(|part| part.trim().parse().ok()).collect();
        let &[west, south, east, north] = numbers?.as_slice() else { return None };
        let fits = [west, east].iter().all(|it| (-180.0..=180.0).contains(it))
            && [south, north].iter().all(|it| (-90.0..=90.0).contains(it));
        (fits && south <= north).then_some(Self { west, south, east, north })
    }

    fn of(data: &RealityData) -> Option<Self> {
        let extent = data.members.get("extent")?;
        let number =
            |corner: &str, name: &str| extent.get(corner)?.get(name).and_then(Value::as_f64);
        Some(Self {
            west: number("southWest", "longitude")?,
            south: number("southWest", "latitude")?,
            east: number("northEast", "longitude")?,
            north: number("northEast", "latitude")?,
        })
    }

    /// Whether they share a point. One whose west lies east of its east goes over
    /// the 180th meridian.
    fn overlaps(self, other: Self) -> bool {
        let turns = |one: &Self| {
            if one.west <= one.east {
                vec![(one.west, one.east)]
            } else {
                vec![(one.west, 180.0), (-180.0, one.east)]
            }
        };
        let meet = |(west, east): &(f64, f64)| {
            turns(&other).iter().any(|(left, right)| west <= right && left <= east)
        };
        self.south <= other.north && other.south <= self.north && turns(&self).iter().any(meet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_overlap_across_the_meridian_too() {
        let read = |text: &str| Rectangle::read(text).unwrap();
        assert!(read("0,0,10,10").overlaps(read("10,10,20,20")));
        assert!(!read("0,0,10,10").overlaps(read("11,0,20,10")));
        assert!(!read("0,0,10,10").overlaps(read("0,11,10,20")));
        assert!(read("170,0,-170,10").overlaps(read("-175,0,-172,1")));
        assert!(!read("170,0,-170,10").overlaps(read("0,0,1,1")));
        for bad in ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "0,0,181,0", "0,10,1,0", "NaN,0,0,0"] {
            assert_eq!(Rectangle::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn spans_and_orders_are_read() {
        let span = Span::read("2024-01-01T00:00:00Z/2024-02-01T00:00:00Z").unwrap();
        assert!(span.holds("2024-02-01T00:00:00Z".parse().unwrap()));
        assert!(!span.holds("2024-02-01T00:00:01Z".parse().unwrap()));
        assert_eq!(Span::read("2024-02-01T00:00:00Z/2024-01-01T00:00:00Z"), None);
        assert_eq!(Span::read("2024-02-01T00:00:00Z"), None);
        let order = read_order("displayname, createdDateTime desc").unwrap();
        assert_eq!(order, [("displayName", false), ("createdDateTime", true)]);
        for bad in ["", "nothing", "type up", "type asc asc"] {
            assert_eq!(read_order(bad), None, "{bad}");
        }
    }
}
