//! The declared successes become one `2XX`, without response headers.
//!
//! progenitor panics on several successful statuses of different shape, and
//! refuses any that is not declared; services do answer 200 where 202 was
//! declared. `lint` has made sure that all successes of an operation have one
//! shape. Headers stay readable on the response; progenitor ignores them.

use serde_json::json;

use super::{Lowering, Rule, take};

pub const RULE: Rule = Rule { name: "successes merged", apply };

fn apply(lowering: &mut Lowering) -> usize {
    let mut count = 0;
    lowering.each_operation(&mut |operation| {
        let Some(responses) = operation.get_mut("responses") else { return };
        let Some(mut first) = super::object_values(Some(responses)).next().cloned() else { return };
        take(&mut first, "headers");
        *responses = json!({ "2XX": first });
        count += 1;
    });
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_success_stands_for_all() {
        let mut lowering = Lowering::new(
            json!({"paths": {"/a": {"get": {"responses": {
                "200": {"description": "a", "headers": {"ETag": {}}},
                "201": {"description": "b"},
            }}}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 1);
        assert_eq!(
            lowering.root["paths"]["/a"]["get"]["responses"],
            json!({"2XX": {"description": "a"}}),
        );
    }
}
