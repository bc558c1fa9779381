//! Making an iModel: empty, from a template, or from a baseline file.

use serde_json::json;
use uuid::Uuid;

use super::{
    INVALID, NO_ITWIN, TEXT, baseline,
    draft::{self, Draft},
    files, invalid,
    look::look,
    show,
    state::{Baseline, IModel, Making, Outcome},
    unready,
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call},
    rules::Body,
    state::State,
};

const EMPTY: &str = "empty";
const FROM_TEMPLATE: &str = "fromiModelVersion";
/// How the vendor's client for Node spells the same.
const FROM_TEMPLATE_TOO: &str = "fromIModelVersion";
const FROM_BASELINE: &str = "fromBaseline";

/// What an iModel starts from.
enum Origin {
    Nothing,
    Template { imodel_id: String, changeset_id: Option<String> },
    Baseline { size: u64 },
}

impl Origin {
    fn read(body: &mut Body<'_>) -> Self {
        let modes = [EMPTY, FROM_TEMPLATE, FROM_TEMPLATE_TOO, FROM_BASELINE];
        let mode = body.optional_one_of("creationMode", &modes).map(|mode| match mode {
            FROM_TEMPLATE_TOO => FROM_TEMPLATE,
            mode => mode,
        });
        let template = body.optional_object("template");
        let file = body.optional_object("baselineFile");
        if let Some(system) = body.optional_object("geographicCoordinateSystem") {
            body.part("geographicCoordinateSystem", system, |part| {
                part.text("horizontalCRSId", TEXT);
            });
            if mode.is_none() {
                body.invalid("geographicCoordinateSystem", "It needs a creationMode.");
            }
        }
        let exclusive = |other: &str, target: &str| {
            let message = format!("It does not go together with {other}.");
            Detail::new("MutuallyExclusivePropertiesProvided", message).at(target)
        };
        let wanted = match (mode, template.is_some(), file.is_some()) {
            (None, true, true) => {
                body.fault(exclusive("baselineFile", "template"));
                EMPTY
            }
            (None, true, false) => FROM_TEMPLATE,
            (None, false, true) => FROM_BASELINE,
            (None, false, false) => EMPTY,
            (Some(mode), ..) => mode,
        };
        if template.is_some() && wanted == FROM_BASELINE
            || mode == Some(EMPTY) && template.is_some()
        {
            body.fault(exclusive("creationMode", "template"));
        }
        if file.is_some() && wanted == FROM_TEMPLATE || mode == Some(EMPTY) && file.is_some() {
            body.fault(exclusive("creationMode", "baselineFile"));
        }
        match wanted {
            FROM_TEMPLATE => Self::read_template(body),
            FROM_BASELINE => Self::read_file(body),
            _ => Self::Nothing,
        }
    }

    fn read_template(body: &mut Body<'_>) -> Self {
        let mut origin = Self::Nothing;
        if let Some(template) = body.object("template") {
            body.part("template", template, |part| {
                let imodel_id = part.guid("iModelId").unwrap_or_default().to_owned();
                let changeset_id = part.optional_any_text("changesetId", TEXT).map(str::to_owned);
                origin = Self::Template { imodel_id, changeset_id };
            });
        }
        origin
    }

    fn read_file(body: &mut Body<'_>) -> Self {
        let mut origin = Self::Nothing;
        if let Some(file) = body.object("baselineFile") {
            body.part("baselineFile", file, |part| {
                let size = part.integer("size", 1..=i64::MAX).unwrap_or(1);
                origin = Self::Baseline { size: size.unsigned_abs() };
            });
        }
        origin
    }
}

pub(super) fn create(call: &Call) -> Result<Answer, ApiError> {
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    let itwin_id = body.guid("iTwinId").unwrap_or_default();
    let draft = Draft {
        name: body.text("name", TEXT).unwrap_or_default().to_owned(),
        description: draft::description(&mut body),
        extent: draft::extent(&mut body),
        containers_enabled: draft::containers(&mut body).unwrap_or_default(),
    };
    let origin = Origin::read(&mut body);
    body.verdict(INVALID)?;
    let mut state = call.platform.write();
    let imodel = made(call, &state, itwin_id, draft, origin)?;
    let mut shown = show::full(call, &imodel);
    if baseline::is_awaited(&imodel) {
        let links = json!({
            "upload": files::upload(&call.platform, &imodel.id, files::BASELINE),
            "complete": show::link(call, &imodel.id, "baselinefile"),
        });
        shown = show::with_links(shown, links);
    }
    add(call, &mut state, imodel)?;
    Ok(Answer::created(json!({"iModel": shown})))
}

fn made(
    call: &Call,
    state: &State,
    itwin_id: &str,
    draft: Draft,
    origin: Origin,
) -> Result<IModel, ApiError> {
    let (itwin, standing) = state.visible(&call.caller, itwin_id, NO_ITWIN)?;
    standing.require(Permission::IMODELS_MANAGE)?;
    draft::check_name(state, &itwin.id, &draft.name, None)?;
    match origin {
        Origin::Nothing => {
            let now = call.platform.now();
            let making =
                Making::Begun { initialized: now, done: now, outcome: Outcome::Successful };
            Ok(draft::imodel(call, itwin, draft, making))
        }
        Origin::Baseline { size } => {
            let mut imodel = draft::imodel(call, itwin, draft, Making::WaitingForFile);
            imodel.baseline = Some(Baseline { id: Uuid::new_v4().to_string(), size });
            Ok(imodel)
        }
        Origin::Template { imodel_id, changeset_id } => {
            let target = "template.iModelId";
            let template = look(call, state, &imodel_id, Permission::IMODELS_READ)
                .map_err(|_| invalid(Detail::invalid_value(target, "There is no such iModel.")))?
                .imodel;
            if !template.is_initialized(call.platform.now()) {
                return Err(unready(target, "The iModel is not initialized."));
            }
            draft::check_data_center(template, itwin, target)?;
            template.index_of(changeset_id.as_deref()).ok_or_else(|| {
                let message = "There is no such changeset.";
                invalid(Detail::invalid_value("template.changesetId", message))
            })?;
            let making = draft::begun(call, *state.imodels.outcome);
            let mut imodel = draft::imodel(call, itwin, draft, making);
            baseline::copy(call, template, &mut imodel);
            Ok(imodel)
        }
    }
}

/// Takes a new iModel in, and tells of it.
pub(super) fn add(call: &Call, state: &mut State, imodel: IModel) -> Result<(), ApiError> {
    let itwin = state.itwins.get(&imodel.itwin_id);
    let itwin = itwin.ok_or_else(|| ApiError::not_found(NO_ITWIN, "iTwin"))?;
    let content = json!({"imodelId": imodel.id, "userId": imodel.creator_id});
    call.platform.tell("iModels.iModelCreated.v1", itwin, content);
    state.imodels.imodels.insert(imodel.id.clone(), imodel);
    Ok(())
}
