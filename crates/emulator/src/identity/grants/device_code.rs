//! The device authorization grant (RFC 8628): the codes, the user's answer,
//! and the device's questions.
//!
//! Ours: a question may come half a second early, for clients' timers; the
//! longer interval after `slow_down` stays, as the standard says.

use serde_json::{Value, json};

use super::{
    super::{
        challenge,
        client::{self, required},
        directory::User,
        error::TokenError,
        form::Form,
        scope::Scopes,
        shelf::Missing,
        sign_ins::{Device, DeviceAnswer, Family, SignIn},
        tenant::Tenant,
        token::Authority,
    },
    Outcome, Request, entitlement,
};

const LIFETIME_SECONDS: i64 = 900;
const INTERVAL_SECONDS: i64 = 5;
/// How many milliseconds early a question may come.
const TOLERANCE_MILLIS: i64 = 500;
const USER_CODE_LENGTH: usize = 9;
/// No vowels, so that no words come about, and nothing that looks like another.
const USER_CODE_LETTERS: &[u8; 24] = b"BCDFGHJKLMNPQRSTVWXZ2347";

/// Gives out the codes for a device.
pub(crate) fn start(
    authority: &Authority,
    tenant: &Tenant,
    form: &Form,
) -> Result<Value, TokenError> {
    let client_id = required(form, "client_id")?;
    let scope = required(form, "scope")?;
    let application = client::find(authority, tenant, client_id)?;
    let scopes = Scopes::parse(scope)?;
    entitlement::resolve(&authority.directory, &scopes)?;
    let claims = challenge::ClaimsRequest::parse(form.get("claims")?)?;
    let user_code = user_code()?;
    let device = Device {
        user_code: user_code.clone(),
        tenant_id: tenant.id.clone(),
        client_id: application.client_id,
        scopes,
        contexts: claims.contexts,
        interval: INTERVAL_SECONDS,
        asked_at: None,
        answer: DeviceAnswer::None,
    };
    let expires_at = authority.clock.unix_seconds().saturating_add(LIFETIME_SECONDS);
    let device_code = authority.sign_ins.devices.put("", device, expires_at);
    let page = format!("{}/device", authority.base_url);
    Ok(json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": page,
        "expires_in": LIFETIME_SECONDS,
        "interval": INTERVAL_SECONDS,
        "message": format!("To sign in, open {page} in a browser and enter the code {user_code}."),
    }))
}

fn user_code() -> Result<String, TokenError> {
    let mut bytes = [0; USER_CODE_LENGTH];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| TokenError::signing_failed())?;
    let letter = |byte: &u8| {
        let index = usize::from(*byte) % USER_CODE_LETTERS.len();
        USER_CODE_LETTERS.get(index).copied().map(char::from)
    };
    Ok(bytes.iter().filter_map(letter).collect())
}

/// The device that waits under a user code.
pub(crate) fn waiting(authority: &Authority, user_code: &str) -> Option<Device> {
    find(authority, user_code, |device| device.clone())
}

/// The user's answer; `None` declines. False if no device waits.
pub(crate) fn settle(authority: &Authority, user_code: &str, user: Option<&User>) -> bool {
    let Some(device) = waiting(authority, user_code) else { return false };
    let application = authority.directory.application(None, &device.client_id);
    if let (Some(user), Some(application)) = (user, application)
        && let Ok((resource, names)) = entitlement::resolve(&authority.directory, &device.scopes)
    {
        for name in names {
            let (user, client) = (&user.object_id, &application.client_id);
            authority.directory.record_consent(user, client, &resource.key, &name);
        }
    }
    let answer =
        user.map_or(DeviceAnswer::Declined, |user| DeviceAnswer::Approved(user.object_id.clone()));
    find(authority, user_code, |device| device.answer = answer).is_some()
}

fn find<R>(
    authority: &Authority,
    user_code: &str,
    look: impl FnOnce(&mut Device) -> R,
) -> Option<R> {
    let code = user_code.trim().to_ascii_uppercase();
    let is_waiting =
        |device: &Device| device.user_code == code && device.answer == DeviceAnswer::None;
    authority.sign_ins.devices.with_first(authority.clock.unix_seconds(), is_waiting, look)
}

pub(super) fn judge(request: &Request<'_>) -> Result<Outcome, TokenError> {
    let text = required(request.form, "device_code")?;
    let client_id = &request.client.application.client_id;
    let now_millis = request.authority.clock.now().as_millisecond();
    let ask = |device: &mut Device| {
        if device.client_id != *client_id {
            return Err(TokenError::device_code_unknown());
        }
        let earliest = device.asked_at.map(|asked| {
            asked.saturating_add(device.interval * 1000).saturating_sub(TOLERANCE_MILLIS)
        });
        device.asked_at = Some(now_millis);
        if earliest.is_some_and(|earliest| now_millis < earliest) {
            device.interval += INTERVAL_SECONDS;
            return Err(TokenError::slow_down(device.interval));
        }
        match &device.answer {
            DeviceAnswer::None => Err(TokenError::authorization_pending()),
            DeviceAnswer::Declined => Err(TokenError::authorization_declined()),
            DeviceAnswer::Redeemed => Err(TokenError::device_code_unknown()),
            DeviceAnswer::Approved(user_id) => {
                let user_id = user_id.clone();
                device.answer = DeviceAnswer::Redeemed;
                Ok((user_id, device.clone()))
            }
        }
    };
    let found = request.authority.sign_ins.devices.with(text, request.now(), ask);
    let (user_id, device) = found.map_err(|missing| match missing {
        Missing::Unknown => TokenError::device_code_unknown(),
        Missing::Expired => TokenError::device_code_expired(),
    })??;
    let directory = &request.authority.directory;
    if directory.blocks_device_flow() {
        return Err(TokenError::device_flow_blocked());
    }
    let wants_more = directory
        .resource(&device.scopes.audience)
        .is_some_and(|resource| directory.wants_interaction(&resource.key));
    let sign_in = SignIn {
        user_id,
        client_id: device.client_id,
        scopes: device.scopes,
        contexts: challenge::satisfied(&device.contexts, wants_more),
        nonce: None,
    };
    request.let_out(sign_in, Family::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_code_is_easy_to_type() {
        let code = user_code().unwrap();
        assert_eq!(code.len(), USER_CODE_LENGTH);
        assert!(code.bytes().all(|byte| USER_CODE_LETTERS.contains(&byte)), "{code}");
    }
}
