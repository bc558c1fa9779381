//! What the data of a job is about: a capability of a template.

use crate::iot_central::{
    model::{Content, Interface},
    state::Document,
    twin::Place,
};

/// A capability and where it is.
pub(in crate::iot_central) struct Target<'t> {
    pub(in crate::iot_central) place: Place,
    pub(in crate::iot_central) content: Content<'t>,
}

/// The capability that a kind of job data means by a path: `name`,
/// `component.name`, `module.name` or `module.component.name`.
pub(in crate::iot_central) fn find<'t>(
    template: &'t Document,
    kind: &str,
    path: &str,
) -> Option<Target<'t>> {
    let root = Interface::of_template(template);
    let words: Vec<&str> = path.split('.').collect();
    let (place, interface, name) = match words.as_slice() {
        [name] => (Place::root(), root, *name),
        [part, name] => match root.component(part) {
            Some(component) => (Place::component(part), component, *name),
            None => (Place::module(part), root.find("EdgeModule", part)?.interface(), *name),
        },
        [module, component, name] => {
            let module_interface = root.find("EdgeModule", module)?.interface();
            let interface = module_interface.component(component)?;
            (Place::module_component(module, component), interface, *name)
        }
        _ => return None,
    };
    let content = match kind {
        "command" => interface.find("Command", name)?,
        "cloudProperty" => interface.find("Property", name).filter(|found| found.is_cloud())?,
        "property" => interface
            .find("Property", name)
            .filter(|found| !found.is_cloud() && found.flag("writable"))?,
        _ => return None,
    };
    Some(Target { place, content })
}
