//! Declared errors, `default` among them, leave the operations.
//!
//! progenitor takes one error type per operation, counts `default` as success
//! and as error, and loses the status when a gateway answers with HTML. With
//! none declared every failure arrives whole in the runtime, which reads the
//! platform's error body itself. The method's documentation keeps the list.

use serde_json::Value;

use super::{Lowering, Rule};
use crate::openapi::is_answer;

pub const RULE: Rule = Rule { name: "error responses left to the runtime", apply };

fn apply(lowering: &mut Lowering) -> usize {
    let mut count = 0;
    lowering.each_operation(&mut |operation| {
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            let before = responses.len();
            let all = Value::Object(responses.clone());
            responses.retain(|status, _| is_answer(status, &all));
            count += before - responses.len();
        }
    });
    count
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_success_stays() {
        let mut lowering = Lowering::new(
            json!({"paths": {"/a": {"get": {"responses": {
                "200": {}, "404": {}, "default": {}, "4XX": {},
            }}}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 3);
        assert_eq!(lowering.root["paths"]["/a"]["get"]["responses"], json!({"200": {}}));
    }
}
