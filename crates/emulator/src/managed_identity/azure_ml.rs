//! Azure Machine Learning: App Service's form of 2017 under a secret of its
//! own, with seconds where App Service writes a date.

use axum::response::Response;

use super::{
    ExpiresOn, Hosts, app_service,
    call::Call,
    issue::{Dialect, IdKind},
};

const DIALECT: Dialect = Dialect {
    version: Some(|version| version == "2017-09-01"),
    ids: &[
        ("clientid", IdKind::Client),
        ("client_id", IdKind::Client),
        ("object_id", IdKind::Object),
        ("msi_res_id", IdKind::Resource),
    ],
};

pub(super) fn answer(hosts: &Hosts, call: &Call) -> Response {
    let secret = &hosts.secrets.azure_ml;
    app_service::guarded(hosts, call, ("secret", secret), &DIALECT, |granted| {
        hosts.expires_on_text(granted, ExpiresOn::Epoch)
    })
}
