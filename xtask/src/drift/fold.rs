//! Makes few honest differences out of many raw ones: two halves become one
//! rename, and one cause seen in many places is told once.

use super::difference::{Difference, Kind};
use super::location::{Location, Root, Step};

/// Joins halves: a parameter, property, status or media type that exists on
/// one side only with its counterpart that exists on the other side only.
pub fn pair(differences: Vec<Difference>) -> Vec<Difference> {
    let mut rest: Vec<Option<Difference>> = differences.into_iter().map(Some).collect();
    let mut folded = Vec::new();
    for index in 0..rest.len() {
        let Some(ours) = rest.get(index).and_then(Option::as_ref) else { continue };
        if let Some((partner, kind)) = partner(ours, &rest)
            && let Some(vendor) = rest.get_mut(partner).and_then(Option::take)
            && let Some(ours) = rest.get_mut(index).and_then(Option::take)
        {
            folded.push((index, join(kind, ours, vendor)));
        }
    }
    let mut result: Vec<(usize, Difference)> = rest
        .into_iter()
        .enumerate()
        .filter_map(|(index, difference)| difference.map(|difference| (index, difference)))
        .chain(folded)
        .collect();
    result.sort_by_key(|(index, _)| *index);
    result.into_iter().map(|(_, difference)| difference).collect()
}

/// The half that belongs to `ours`, and what the two are together.
fn partner(ours: &Difference, all: &[Option<Difference>]) -> Option<(usize, Kind)> {
    let (other, joined) = match ours.kind {
        Kind::ParameterOnlyInSpec => (Kind::ParameterOnlyAtVendor, Kind::ParameterRenamed),
        Kind::PropertyOnlyInSpec => (Kind::PropertyOnlyAtVendor, Kind::PropertyRenamed),
        Kind::StatusOnlyInSpec => (Kind::StatusOnlyAtVendor, Kind::StatusChanged),
        Kind::MediaTypeOnlyInSpec => (Kind::MediaTypeOnlyAtVendor, Kind::MediaTypeChanged),
        _ => return None,
    };
    let home = home(&ours.location);
    let same_home = |kind: Kind| {
        all.iter().enumerate().filter_map(move |(index, difference)| {
            difference.as_ref().filter(|difference| difference.kind == kind).map(|d| (index, d))
        })
    };
    let siblings = same_home(ours.kind).filter(|(_, d)| self::home(&d.location) == home).count();
    let candidates: Vec<_> =
        same_home(other).filter(|(_, d)| self::home(&d.location) == home).collect();
    let alike: Vec<_> = candidates
        .iter()
        .filter(|(_, candidate)| match (&ours.half, &candidate.half) {
            (Some(ours), Some(theirs)) => ours.shape == theirs.shape,
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        })
        .collect();
    let position = |difference: &Difference| difference.half.as_ref().map(|half| half.position);
    if ours.kind == Kind::ParameterOnlyInSpec
        && let Some((index, _)) = alike.iter().find(|(_, d)| position(d) == position(ours))
    {
        return Some((*index, joined));
    }
    match (siblings, candidates.as_slice(), alike.as_slice()) {
        (1, [_], [(index, _)]) => Some((*index, joined)),
        _ => None,
    }
}

/// What two halves must share: their operation and carrier, their object, or
/// their class of statuses.
fn home(location: &Location) -> Location {
    let mut home = location.clone();
    match home.within.last() {
        Some(Step::Property(_)) => {
            home.within.pop();
        }
        Some(_) => {}
        None => match &mut home.root {
            Root::Parameter(_, _, name) => name.clear(),
            Root::Response(_, status) if status != "default" => status.truncate(1),
            _ => {}
        },
    }
    home
}

fn join(kind: Kind, ours: Difference, vendor: Difference) -> Difference {
    let (our_text, vendor_text) = match kind {
        Kind::MediaTypeChanged | Kind::StatusChanged => (ours.ours, vendor.vendor),
        _ => (name_of(&ours.location), name_of(&vendor.location)),
    };
    Difference {
        cause: vendor.cause,
        ..Difference::new(kind, ours.location, our_text, vendor_text)
    }
}

fn name_of(location: &Location) -> Option<String> {
    match (location.within.last(), &location.root) {
        (Some(Step::Property(name)), _) | (None, Root::Parameter(_, _, name)) => Some(name.clone()),
        _ => None,
    }
}

/// Tells a difference once that one shared definition causes in many places.
pub fn merge(differences: Vec<Difference>) -> Vec<Difference> {
    let mut merged: Vec<Difference> = Vec::new();
    for difference in differences {
        let known = merged.iter_mut().find(|known| {
            !known.cause.is_empty()
                && known.cause == difference.cause
                && known.kind == difference.kind
                && known.ours == difference.ours
                && known.vendor == difference.vendor
        });
        match known {
            Some(known) => known.also_at.push(difference.location),
            None => merged.push(difference),
        }
    }
    merged
}
