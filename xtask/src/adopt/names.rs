//! A first name for a new operation, verb first as all of ours; whoever
//! describes the operation confirms it.

/// Verbs that vendors put at the head of an action, and the one we use.
const VERBS: [(&str, &str); 10] = [
    ("get", "get"),
    ("list", "list"),
    ("create", "create"),
    ("add", "create"),
    ("put", "put"),
    ("replace", "put"),
    ("update", "update"),
    ("patch", "update"),
    ("delete", "delete"),
    ("remove", "remove"),
];

/// Derives an `operationId` from the vendor's id (`Group_Action`), not in `taken`.
pub fn operation_id(vendor_id: &str, method: &str, taken: &[&str]) -> String {
    let (group, action) = vendor_id.split_once('_').unwrap_or(("", vendor_id));
    let (group, mut action) = (words(group), words(action));
    let known = action
        .first()
        .and_then(|first| VERBS.iter().find(|(theirs, _)| theirs == first))
        .map(|(theirs, ours)| if *theirs == "add" && method == "PUT" { "put" } else { *ours });
    let verb = match known {
        Some(verb) => {
            action.remove(0);
            verb.to_owned()
        }
        None if method == "GET" || action.is_empty() => "get".to_owned(),
        // What is neither read nor known is the vendor's own verb.
        None => action.remove(0),
    };
    if let Some(by) = action.iter().position(|word| word == "by") {
        action.truncate(by);
    }
    let mut noun = if action.is_empty() { group.clone() } else { action };
    if verb != "list"
        && let Some(last) = noun.last_mut()
    {
        *last = singular(last);
    }
    let join = |words: &[String]| {
        std::iter::once(verb.clone()).chain(words.iter().cloned()).collect::<Vec<_>>().join("_")
    };
    let mut name = join(&noun);
    if taken.contains(&name.as_str()) {
        name = join(&group.iter().chain(&noun).cloned().collect::<Vec<_>>());
    }
    let first = name.clone();
    let mut number = 2;
    while taken.contains(&name.as_str()) {
        name = format!("{first}_{number}");
        number += 1;
    }
    name
}

/// Lower-case words of a camel-case or separated name.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut fresh = true;
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() {
            fresh = true;
            continue;
        }
        match words.last_mut() {
            Some(word) if !fresh && !letter.is_ascii_uppercase() => word.push(letter),
            _ => words.push(letter.to_ascii_lowercase().to_string()),
        }
        fresh = false;
    }
    words
}

fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    match word.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') => stem.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::operation_id;

    #[test]
    fn the_verb_comes_first() {
        let name = |id, method| operation_id(id, method, &[]);
        assert_eq!(name("EventRoutes_List", "GET"), "list_event_routes");
        assert_eq!(name("EventRoutes_GetById", "GET"), "get_event_route");
        assert_eq!(name("EventRoutes_Add", "PUT"), "put_event_route");
        assert_eq!(name("DeleteJobs_Add", "POST"), "create_delete_job");
        assert_eq!(name("DigitalTwins_ListEdges", "GET"), "list_edges");
        assert_eq!(name("Queries_Explain", "POST"), "explain_query");
        assert_eq!(name("Jobs_Count", "GET"), "get_count");
        assert_eq!(name("getThing", "GET"), "get_thing");
    }

    #[test]
    fn no_name_is_given_twice() {
        let taken = ["get_device", "get_module_device"];
        assert_eq!(operation_id("Modules_GetDevice", "GET", &taken), "get_modules_device");
        let taken = ["get_device", "get_devices_device"];
        assert_eq!(operation_id("Devices_GetDevice", "GET", &taken), "get_devices_device_2");
    }
}
