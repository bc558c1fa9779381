//! Each rule of the language with a text that is read and one that is refused.

use proptest::prelude::*;
use serde_json::json;

use super::parse;
use crate::digital_twins::events::CloudEvent;

fn update() -> CloudEvent {
    CloudEvent {
        id: "e1".to_owned(),
        source: "host.example.net".to_owned(),
        kind: "Microsoft.DigitalTwins.Twin.Update",
        subject: "room-1".to_owned(),
        time: "2024-01-01T00:00:00.0000000Z".to_owned(),
        data_schema: None,
        traceparent: None,
        data: json!({
            "modelId": "dtmi:ex:Room;1", "count": 3, "open": true,
            "nested": {"name": "a"}, "patch": [1]
        }),
    }
}

fn telemetry() -> CloudEvent {
    CloudEvent {
        source: "host.example.net/digitaltwins/room-1".to_owned(),
        kind: "microsoft.iot.telemetry",
        subject: "thermostat".to_owned(),
        data_schema: Some("dtmi:ex:Room;1".to_owned()),
        data: json!({"temp": 21.5}),
        ..update()
    }
}

#[test]
fn filters_let_through_what_they_say() {
    // Filter, passes the update, passes the telemetry.
    let cases = [
        ("true", true, true),
        ("false", false, false),
        ("TRUE", true, true),
        ("type = 'microsoft.iot.telemetry'", false, true),
        ("type != 'microsoft.iot.telemetry'", true, false),
        ("type = 'MICROSOFT.IOT.TELEMETRY'", false, false),
        ("'microsoft.iot.telemetry' = type", false, true),
        ("source = 'host.example.net'", true, false),
        ("subject = 'room-1'", true, false),
        ("dataschema = 'dtmi:ex:Room;1'", false, true),
        ("dataschema != 'dtmi:ex:Room;1'", false, false),
        ("NOT dataschema = 'dtmi:ex:Room;1'", false, false),
        ("datacontenttype = 'application/json'", true, true),
        ("specversion = '1.0'", true, true),
        ("$body.modelId = 'dtmi:ex:Room;1'", true, false),
        ("$body.nested.name = 'a'", true, false),
        ("$body.count > 2", true, false),
        ("$body.count >= 3 AND $body.count <= 3.0", true, false),
        ("$body.count < -3", false, false),
        ("$body.open = true", true, false),
        ("$body.temp = 21.5", false, true),
        ("$body.temp = '21.5'", false, false),
        ("$body.patch = 1", false, false),
        ("STARTS_WITH(type, 'Microsoft.DigitalTwins.Twin')", true, false),
        ("ENDS_WITH(type, '.Update')", true, false),
        ("CONTAINS(source, '/digitaltwins/')", false, true),
        ("starts_with($body.modelId, 'dtmi:')", true, false),
        ("NOT CONTAINS(subject, 'room')", false, true),
        ("type = 'a' OR type = 'microsoft.iot.telemetry'", false, true),
        ("true OR true AND false", true, true),
        ("(true OR true) AND false", false, false),
        ("NOT (type = 'a' OR $body.count = 3)", false, false),
        ("$eventType = 'Microsoft.DigitalTwins.Twin.Update'", true, false),
        ("$eventType = 'DigitalTwinTelemetryMessages'", false, true),
        ("$eventType != 'DigitalTwinTelemetryMessages'", true, false),
        ("$eventType = 'DigitalTwinChangeNotification'", true, false),
        (
            "$eventType = 'DigitalTwinTelemetryMessages' or \
             $eventType = 'DigitalTwinLifecycleNotification'",
            false,
            true,
        ),
    ];
    for (text, for_update, for_telemetry) in cases {
        let filter = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(filter.matches(&update()), for_update, "{text} on an update");
        assert_eq!(filter.matches(&telemetry()), for_telemetry, "{text} on telemetry");
    }
}

#[test]
fn faults_are_named_with_their_place() {
    let cases = [
        ("this is not a valid filter string", 6, "Unexpected input 'is'"),
        ("", 1, "Unexpected end of input"),
        ("type =", 7, "Unexpected end of input"),
        ("type 'a'", 6, "Unexpected input ''a''"),
        ("type = 'a' type", 12, "Unexpected input 'type'"),
        ("type = 'a' AND", 15, "Unexpected end of input"),
        ("(true", 6, "Unexpected end of input"),
        ("true)", 5, "Unexpected input ')'"),
        ("NOT", 4, "Unexpected end of input"),
        ("STARTS_WITH(type)", 17, "Unexpected input ')'"),
        ("STARTSWITH(type, 'a')", 11, "Unexpected input '('"),
        ("IS_DEFINED(type)", 11, "Unexpected input '('"),
        ("time = 'x'", 1, "Unknown attribute 'time'"),
        ("true AND Type = 'x'", 10, "Unknown attribute 'Type'"),
        ("$body = 'x'", 1, "Unknown attribute '$body'"),
        ("type.x = 'x'", 1, "Unknown attribute 'type'"),
        ("type = 'x", 8, "string without a closing quote"),
        ("type = \"x\"", 8, "token recognition error at: '\\\"'"),
        ("type IN ['a']", 6, "Unexpected input 'IN'"),
    ];
    for (text, column, message) in cases {
        let error = parse(text).expect_err(text);
        assert_eq!((error.line, error.column), (1, column), "{text}: {error}");
        assert!(error.message.contains(&format!(": {message}.")), "{text}: {error}");
    }
}

#[test]
fn a_refusal_says_where_and_why() {
    let error = parse("this is not a valid filter string").unwrap_err();
    assert_eq!(
        error.to_string(),
        "The filter cannot be read, line 1, column 6: Unexpected input 'is'."
    );
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| format!("{}true{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(64)).is_ok());
    let error = parse(&nested(65)).unwrap_err();
    assert!(error.message.contains("64 levels"), "{error}");
    assert!(parse(&"(".repeat(100_000)).is_err());
    assert!(parse(&format!("{} true", "NOT ".repeat(100_000))).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_order_of_tokens_makes_the_parser_panic(
        tokens in proptest::collection::vec(prop_oneof![
            Just("type"), Just("$body"), Just("."), Just("="), Just("<"), Just("("), Just(")"),
            Just("AND"), Just("OR"), Just("NOT"), Just("true"), Just("'a'"), Just("1"), Just("-"),
            Just("CONTAINS"), Just(","), Just("[["), Just("]]"),
        ], 0..20)
    ) {
        if let Ok(filter) = parse(&tokens.join(" ")) {
            let _ = filter.matches(&update());
        }
    }
}
