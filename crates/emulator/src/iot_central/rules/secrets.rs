//! Secrets in what is shown: asterisks stand for them. Sent back they would
//! become the secret, so they are refused.

/// What stands for a secret.
const MASK: &str = "*****";

/// The parts of connection strings that are secret.
const SECRET_PARTS: [&str; 3] = ["AccountKey", "SharedAccessKey", "SharedAccessSignature"];

/// A secret as it is shown.
pub(in crate::iot_central) fn mask() -> String {
    MASK.to_owned()
}

/// Whether a text is what stands for a secret.
pub(in crate::iot_central) fn is_mask(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c == '*')
}

/// The parts of a connection string, `Name=value` between semicolons.
fn parts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(';')
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
}

/// A part of a connection string by name.
pub(in crate::iot_central) fn part<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    parts(text).find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn is_secret(name: &str) -> bool {
    SECRET_PARTS.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

/// A connection string without its secrets.
pub(in crate::iot_central) fn masked_connection_string(text: &str) -> String {
    let shown = parts(text).map(|(name, value)| {
        let value = if is_secret(name) { MASK } else { value };
        format!("{name}={value}")
    });
    shown.collect::<Vec<_>>().join(";")
}

/// Whether asterisks stand where a connection string has its secret.
pub(in crate::iot_central) fn is_masked_connection_string(text: &str) -> bool {
    parts(text).any(|(name, value)| is_secret(name) && is_mask(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_secrets_are_masked_and_masks_are_known() {
        let text = "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5==;";
        let shown = masked_connection_string(text);
        assert_eq!(shown, "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=*****");
        assert!(is_masked_connection_string(&shown) && !is_masked_connection_string(text));
        assert_eq!(part(text, "accountkey"), Some("a2V5=="));
        assert!(is_mask("***") && !is_mask("") && !is_mask("*a"));
        assert_eq!(masked_connection_string("nothing"), "nothing=");
    }
}
