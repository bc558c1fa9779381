//! How wire names become Rust names. One place, so that `lint`, the emitters
//! and the generator cannot disagree.

use heck::{ToPascalCase, ToSnakeCase};

/// The name of a method, setter or field: `max-items-per-page` becomes
/// `max_items_per_page`, `$dtId` becomes `dt_id`.
pub fn snake(wire: &str) -> String {
    let name = joined(&words(wire).to_snake_case());
    if is_keyword(&name) { format!("{name}_") } else { name }
}

/// A name of snake case in which the platforms' own words are whole: `i_twin_id`
/// becomes `itwin_id`, as the operations have it.
pub fn joined(name: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in name.split('_') {
        match words.last_mut().filter(|last| *last == "i") {
            Some(last) if matches!(word, "twin" | "twins" | "model" | "models") => {
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words.join("_")
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
        assert_eq!(snake("iTwinId"), "itwin_id");
        assert_eq!(snake("x-iTwin-query-scope"), "x_itwin_query_scope");
        assert_eq!(snake("iModels"), "imodels");
        assert_eq!(joined("_i_twin_i_twins_api_twin_i_"), "_itwin_itwins_api_twin_i_");
        assert_eq!(pascal("get_twin"), "GetTwin");
        assert_eq!(pascal("iTwin"), "ITwin");
        assert_eq!(pascal("*"), "");
    }
}
