//! Paths to what a template knows: `name`, `component.name`, `module.name` or
//! `module.component.name`, as jobs and queries write them.

use super::{
    model::{Content, Interface},
    state::Document,
    twin::Place,
};

/// Something that a template knows, and where it is.
#[derive(Debug, Clone)]
pub(super) struct Target<'t> {
    pub(super) place: Place,
    pub(super) content: Content<'t>,
}

/// What a path names, if it is of this type: `Telemetry`, `Property`, `Command`.
pub(super) fn find<'t>(
    template: &'t Document,
    kind: &'static str,
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
            let of_module = root.find("EdgeModule", module)?.interface();
            let interface = of_module.component(component)?;
            (Place::module_component(module, component), interface, *name)
        }
        _ => return None,
    };
    Some(Target { place, content: interface.find(kind, name)? })
}
