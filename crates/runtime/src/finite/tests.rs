use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::{Json, Number};

#[derive(Serialize)]
struct Pump {
    name: &'static str,
    speed: f32,
    #[serde(flatten)]
    more: BTreeMap<&'static str, Reading>,
}

#[derive(Serialize)]
enum Reading {
    None,
    Plain(f64),
    Pair(u8, f64),
    Span { from: Option<f64>, to: Number },
    List(Vec<(char, f64)>),
}

fn pump(reading: Reading) -> Pump {
    Pump { name: "p", speed: 1.0, more: BTreeMap::from([("last", reading)]) }
}

#[test]
fn what_json_has_a_form_for_passes() {
    let finite = || Some(f64::MAX);
    for reading in [
        Reading::None,
        Reading::Plain(-0.0),
        Reading::Pair(1, f64::MIN_POSITIVE),
        Reading::Span { from: finite(), to: Number(0.5) },
        Reading::Span { from: None, to: Number(0.5) },
        Reading::List(vec![('a', 1.0)]),
    ] {
        check(&pump(reading)).unwrap();
    }
    check(&Json::from(json!({"a": [null, 1.5, {}]}))).unwrap();
    check(&(u128::MAX, i128::MIN, (), "NaN")).unwrap();
}

#[test]
fn what_it_has_none_for_is_found_wherever_it_stands() {
    for (reading, place) in [
        (Reading::Plain(f64::NAN), "last.Plain: NaN is"),
        (Reading::Pair(1, f64::INFINITY), "last.Pair[1]: inf is"),
        (Reading::Span { from: Some(f64::NAN), to: Number(1.0) }, "last.Span.from: NaN is"),
        (Reading::Span { from: None, to: Number(f64::NAN) }, "last.Span.to: NaN is"),
        (Reading::List(vec![('a', 1.0), ('b', f64::NEG_INFINITY)]), "last.List[1][1]: -inf is"),
    ] {
        let pumps = [pump(Reading::None), pump(reading)];
        let said = check(&pumps).unwrap_err().to_string();
        assert!(said.starts_with(&format!("[1].{place}")), "{said}");
    }
    let said = check(&Pump { speed: f32::NAN, ..pump(Reading::None) }).unwrap_err();
    assert_eq!(said.to_string(), "speed: NaN is not a number in JSON");
    assert_eq!(check(&f64::NAN).unwrap_err().to_string(), "NaN is not a number in JSON");
}

#[test]
fn a_value_alone_is_looked_at_without_what_it_holds() {
    assert!(check_alone(&Some(f64::NAN)).is_err());
    check_alone(&[f64::NAN]).unwrap();
    check_alone(&pump(Reading::Plain(f64::NAN))).unwrap();
}
