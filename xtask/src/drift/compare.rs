//! Compares two surfaces, operation by operation and schema by schema.
//!
//! The result is raw: a renamed parameter is still two halves here; see
//! [`super::fold`].

use std::collections::{BTreeMap, BTreeSet};

use super::compare_schema::outline;
use super::difference::{Difference, Kind};
use super::location::{Location, Root};
use super::surface::{Body, Carrier, Operation, Parameter, Response, Schema, Surface};

/// All differences, before anything is accepted or folded.
pub fn compare(ours: &Surface, vendor: &Surface) -> Vec<Difference> {
    let mut comparer = Comparer {
        ours,
        vendor,
        renamed: BTreeMap::new(),
        covered_ours: BTreeSet::new(),
        covered_vendor: BTreeSet::new(),
        cause: String::new(),
        found: Vec::new(),
    };
    comparer.rename_schemas();
    comparer.version();
    comparer.operations();
    comparer.schemas();
    comparer.found
}

/// The comparison in progress.
pub(super) struct Comparer<'a> {
    pub(super) ours: &'a Surface,
    pub(super) vendor: &'a Surface,
    /// Schemas that changed nothing but their name: the vendor's to ours.
    pub(super) renamed: BTreeMap<&'a str, &'a str>,
    /// Our named schemas that the vendor writes out in place (or leaves bare).
    pub(super) covered_ours: BTreeSet<String>,
    /// The vendor's named schemas that we write out in place.
    pub(super) covered_vendor: BTreeSet<String>,
    /// The definition under comparison; see [`Difference::cause`].
    pub(super) cause: String,
    found: Vec<Difference>,
}

impl<'a> Comparer<'a> {
    /// Notes a difference.
    pub(super) fn note(
        &mut self,
        kind: Kind,
        at: &Location,
        ours: Option<String>,
        vendor: Option<String>,
    ) {
        self.push(Difference::new(kind, at.clone(), ours, vendor));
    }

    /// Notes a difference that says more than most.
    pub(super) fn push(&mut self, mut difference: Difference) {
        if !self.cause.is_empty() {
            difference.cause = format!("{} {:?}", self.cause, difference.location.within);
        }
        // The same schema under several media types says the same thing twice.
        let is_known = self.found.iter().any(|known| {
            known.kind == difference.kind
                && known.location == difference.location
                && known.ours == difference.ours
                && known.vendor == difference.vendor
        });
        if !is_known {
            self.found.push(difference);
        }
    }

    /// Notes a required flag that differs.
    pub(super) fn required(&mut self, kind: Kind, at: &Location, ours: bool, vendor: bool) {
        if ours != vendor {
            let word = |required| Some(if required { "required" } else { "optional" }.to_owned());
            self.note(kind, at, word(ours), word(vendor));
        }
    }

    /// Notes that something is deprecated on one side only.
    pub(super) fn deprecated(&mut self, at: &Location, ours: bool, vendor: bool) {
        if ours != vendor {
            let word = |yes| Some(if yes { "deprecated" } else { "not deprecated" }.to_owned());
            self.note(Kind::DeprecatedChanged, at, word(ours), word(vendor));
        }
    }

    fn version(&mut self) {
        let (ours, vendor) = (self.ours.version.clone(), self.vendor.version.clone());
        if ours != vendor {
            self.note(Kind::VersionChanged, &Location::of(Root::Version), ours, vendor);
        }
    }

    fn operations(&mut self) {
        let (ours, vendor) = (self.ours, self.vendor);
        let mut taken = BTreeSet::new();
        for (id, our) in &ours.operations {
            if let Some(their) = vendor.operations.get(id) {
                self.operation(id, our, their);
                continue;
            }
            let at = Location::of(Root::Operation(id.clone()));
            let namesake = vendor.operations.iter().find(|(their_id, their)| {
                !ours.operations.contains_key(*their_id)
                    && their.method == our.method
                    && their.shape_of_path() == our.shape_of_path()
            });
            match namesake {
                Some((their_id, their)) => {
                    taken.insert(their_id.as_str());
                    self.note(
                        Kind::OperationRenamed,
                        &at,
                        Some(id.clone()),
                        Some(their_id.clone()),
                    );
                    self.operation(id, our, their);
                }
                None => {
                    let text = format!("{} {}", our.method, our.path);
                    self.note(Kind::OperationOnlyInSpec, &at, Some(text), None);
                }
            }
        }
        for (id, their) in &vendor.operations {
            if !ours.operations.contains_key(id) && !taken.contains(id.as_str()) {
                let at = Location::of(Root::Operation(id.clone()));
                let text = format!("{} {}", their.method, their.path);
                self.note(Kind::OperationOnlyAtVendor, &at, None, Some(text));
            }
        }
    }

    fn operation(&mut self, id: &str, ours: &'a Operation, vendor: &'a Operation) {
        let at = Location::of(Root::Operation(id.to_owned()));
        if ours.method != vendor.method {
            let (our, their) = (ours.method.clone(), vendor.method.clone());
            self.note(Kind::MethodChanged, &at, Some(our), Some(their));
        }
        if ours.shape_of_path() != vendor.shape_of_path() {
            let (our, their) = (ours.path.clone(), vendor.path.clone());
            self.note(Kind::PathChanged, &at, Some(our), Some(their));
        }
        self.deprecated(&at, ours.deprecated, vendor.deprecated);
        self.parameters(id, &ours.parameters, &vendor.parameters);
        self.body(id, ours.body.as_ref(), vendor.body.as_ref());
        self.responses(id, &ours.responses, &vendor.responses);
        self.cause.clear();
    }

    fn parameters(&mut self, id: &str, ours: &'a [Parameter], vendor: &'a [Parameter]) {
        let mut taken = BTreeSet::new();
        for our in ours {
            let at = Location::of(Root::Parameter(id.to_owned(), our.carrier, our.name.clone()));
            let same = |index: &usize, their: &Parameter, moved: bool| {
                same_name(our, their)
                    && (moved || our.carrier == their.carrier)
                    && !taken.contains(index)
            };
            let find =
                |moved| vendor.iter().enumerate().find(|(index, their)| same(index, their, moved));
            match find(false).or_else(|| find(true)) {
                Some((index, their)) => {
                    taken.insert(index);
                    self.cause = format!("vendor {}", their.site);
                    self.parameter(&at, our, their);
                }
                None => {
                    self.cause = format!("ours {}", our.site);
                    let text = Some(text_of(our));
                    let found = Difference::new(Kind::ParameterOnlyInSpec, at, text, None);
                    let shape = outline(self.ours, &our.schema);
                    self.push(found.with_half(shape, our.position));
                }
            }
        }
        for (index, their) in vendor.iter().enumerate() {
            if taken.contains(&index) {
                continue;
            }
            self.cause = format!("vendor {}", their.site);
            let root = Root::Parameter(id.to_owned(), their.carrier, their.name.clone());
            let at = Location::of(root);
            let text = Some(text_of(their));
            let found = Difference::new(Kind::ParameterOnlyAtVendor, at, None, text);
            let shape = outline(self.vendor, &their.schema);
            self.push(found.with_half(shape, their.position).with_required(their.required));
        }
    }

    fn parameter(&mut self, at: &Location, ours: &'a Parameter, vendor: &'a Parameter) {
        if ours.carrier != vendor.carrier {
            let word = |carrier: Carrier| Some(carrier.as_str().to_owned());
            self.note(Kind::ParameterMoved, at, word(ours.carrier), word(vendor.carrier));
        }
        self.required(Kind::ParameterRequired, at, ours.required, vendor.required);
        if let (Some(our), Some(their)) = (&ours.style, &vendor.style)
            && our != their
        {
            self.note(Kind::ParameterStyle, at, Some(our.clone()), Some(their.clone()));
        }
        self.schema(at, &ours.schema, &vendor.schema, 0);
    }

    fn body(&mut self, id: &str, ours: Option<&'a Body>, vendor: Option<&'a Body>) {
        let at = Location::of(Root::Body(id.to_owned()));
        match (ours, vendor) {
            (None, None) => {}
            (Some(our), None) => {
                self.cause = format!("ours {}", our.site);
                self.note(Kind::BodyOnlyInSpec, &at, Some(media_text(&our.content)), None);
            }
            (None, Some(their)) => {
                self.cause = format!("vendor {}", their.site);
                let text = Some(media_text(&their.content));
                let found = Difference::new(Kind::BodyOnlyAtVendor, at, None, text);
                self.push(found.with_required(their.required));
            }
            (Some(our), Some(their)) => {
                self.cause = format!("vendor {}", their.site);
                self.required(Kind::BodyRequired, &at, our.required, their.required);
                self.content(&at, &our.content, &their.content);
            }
        }
    }

    /// Compares media types, and the schemas under those both sides have.
    fn content(
        &mut self,
        at: &Location,
        ours: &'a BTreeMap<String, Schema>,
        vendor: &'a BTreeMap<String, Schema>,
    ) {
        let mut common = false;
        for (media, our) in ours {
            match vendor.get(media) {
                Some(their) => {
                    common = true;
                    self.schema(at, our, their, 0);
                }
                None => {
                    self.note(Kind::MediaTypeOnlyInSpec, at, Some(media.clone()), None);
                }
            }
        }
        for media in vendor.keys().filter(|media| !ours.contains_key(*media)) {
            self.note(Kind::MediaTypeOnlyAtVendor, at, None, Some(media.clone()));
        }
        if !common && let (Some(our), Some(their)) = (ours.values().next(), vendor.values().next())
        {
            self.schema(at, our, their, 0);
        }
    }

    fn responses(
        &mut self,
        id: &str,
        ours: &'a BTreeMap<String, Response>,
        vendor: &'a BTreeMap<String, Response>,
    ) {
        let mut ours_alone: Vec<_> = ours.keys().filter(|key| !vendor.contains_key(*key)).collect();
        let mut vendor_alone: Vec<_> =
            vendor.keys().filter(|key| !ours.contains_key(*key)).collect();
        for (status, our) in ours {
            if let Some(their) = vendor.get(status) {
                self.response(id, status, our, their);
            }
        }
        for class in ['1', '2', '3'] {
            if let (Some(our), Some(their)) =
                (only_of(&ours_alone, class), only_of(&vendor_alone, class))
            {
                ours_alone.retain(|status| *status != our);
                vendor_alone.retain(|status| *status != their);
                if let (Some(our_response), Some(their_response)) =
                    (ours.get(our), vendor.get(their))
                {
                    let at = Location::of(Root::Response(id.to_owned(), our.clone()));
                    self.cause = format!("vendor {}", their_response.site);
                    self.note(Kind::StatusChanged, &at, Some(our.clone()), Some(their.clone()));
                    self.response(id, our, our_response, their_response);
                }
            }
        }
        for status in ours_alone {
            let Some(our) = ours.get(status) else { continue };
            self.cause = format!("ours {}", our.site);
            let at = Location::of(Root::Response(id.to_owned(), status.clone()));
            let found = Difference::new(Kind::StatusOnlyInSpec, at, Some(status.clone()), None);
            self.push(found.with_half(shape_of(our), 0));
        }
        for status in vendor_alone {
            let Some(their) = vendor.get(status) else { continue };
            self.cause = format!("vendor {}", their.site);
            let at = Location::of(Root::Response(id.to_owned(), status.clone()));
            let found = Difference::new(Kind::StatusOnlyAtVendor, at, None, Some(status.clone()));
            self.push(found.with_half(shape_of(their), 0));
        }
    }

    fn response(&mut self, id: &str, status: &str, ours: &'a Response, vendor: &'a Response) {
        let at = Location::of(Root::Response(id.to_owned(), status.to_owned()));
        self.cause = format!("vendor {}", vendor.site);
        match (ours.content.is_empty(), vendor.content.is_empty()) {
            (true, true) => {}
            (false, true) => {
                self.note(Kind::ContentOnlyInSpec, &at, Some(media_text(&ours.content)), None);
            }
            (true, false) => {
                self.note(Kind::ContentOnlyAtVendor, &at, None, Some(media_text(&vendor.content)));
            }
            (false, false) => self.content(&at, &ours.content, &vendor.content),
        }
        let header_at = |name: &str| {
            Location::of(Root::Header(id.to_owned(), status.to_owned(), name.to_owned()))
        };
        for (key, our) in &ours.headers {
            let at = header_at(&our.name);
            self.cause = format!("vendor {} header {key}", vendor.site);
            match vendor.headers.get(key) {
                Some(their) => self.schema(&at, &our.schema, &their.schema, 0),
                None => {
                    self.note(Kind::HeaderOnlyInSpec, &at, Some(our.schema.describe()), None);
                }
            }
        }
        for (key, their) in &vendor.headers {
            if !ours.headers.contains_key(key) {
                self.cause = format!("vendor {} header {key}", vendor.site);
                let text = their.schema.describe();
                self.note(Kind::HeaderOnlyAtVendor, &header_at(&their.name), None, Some(text));
            }
        }
    }
}

/// Header names know no case.
fn same_name(ours: &Parameter, vendor: &Parameter) -> bool {
    if ours.carrier == Carrier::Header && vendor.carrier == Carrier::Header {
        ours.name.eq_ignore_ascii_case(&vendor.name)
    } else {
        ours.name == vendor.name
    }
}

/// The only status of a class, if there is exactly one.
fn only_of<'s>(statuses: &[&'s String], class: char) -> Option<&'s String> {
    let mut of_class = statuses.iter().filter(|status| status.starts_with(class));
    let first = of_class.next()?;
    of_class.next().is_none().then_some(*first)
}

fn shape_of(response: &Response) -> String {
    format!("{:?} {:?}", response.content, response.headers)
}

fn text_of(parameter: &Parameter) -> String {
    let required = if parameter.required { "required" } else { "optional" };
    format!("{}, {required}", parameter.schema.describe())
}

fn media_text(content: &BTreeMap<String, Schema>) -> String {
    let parts: Vec<_> =
        content.iter().map(|(media, schema)| format!("{media}: {}", schema.describe())).collect();
    parts.join("; ")
}
