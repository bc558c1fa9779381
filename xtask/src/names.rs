//! How wire names become Rust names. One place, so that `lint`, the emitters
//! and the generator cannot disagree.

use heck::{ToPascalCase, ToSnakeCase};

/// The name of a method, setter or field: `max-items-per-page` becomes
/// `max_items_per_page`, `$dtId` becomes `dt_id`.
pub fn snake(wire: &str) -> String {
    let name = words(wire).to_snake_case();
    if is_keyword(&name) { format!("{name}_") } else { name }
}

/// The name of a type or variant: `notstarted` becomes `Notstarted`.
pub fn pascal(wire: &str) -> String {
    words(wire).to_pascal_case()
}

/// Whether a text can stand as a Rust identifier.
pub fn is_identifier(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_ok()
}

fn words(wire: &str) -> String {
    wire.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect()
}

fn is_keyword(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic()) && !is_identifier(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_become_rust_names() {
        assert_eq!(snake("max-items-per-page"), "max_items_per_page");
        assert_eq!(snake("$dtId"), "dt_id");
        assert_eq!(snake("dependenciesFor"), "dependencies_for");
        assert_eq!(snake("type"), "type_");
        assert_eq!(pascal("get_twin"), "GetTwin");
        assert_eq!(pascal("*"), "");
    }
}
