//! Managed identities on every kind of host, and hosts that are busy.

use std::time::Duration;

use twinkit_auth::{AuthErrorKind, Credential, ManagedIdentityBuilder};
use twinkit_emulator::Emulator;
use twinkit_emulator::faults::Fault;
use twinkit_emulator::identity::{
    SYSTEM_IDENTITY_OBJECT_ID, USER_IDENTITY_CLIENT_ID, USER_IDENTITY_OBJECT_ID,
    USER_IDENTITY_RESOURCE_ID,
};
use twinkit_emulator::managed_identity::{ExpiresOn, Host};

use super::support::{in_map, reach_twins, refused, twins};

const STRANGER: &str = "12345678-1234-1234-1234-123456789012";

/// An identity of a host of this kind.
fn on(emulator: &Emulator, host: Host) -> ManagedIdentityBuilder {
    Credential::managed_identity()
        .environment(in_map(emulator.managed_identity_env(host)))
        .arc_key_folder(emulator.arc_key_folder())
}

/// How often the host was asked.
fn asked(emulator: &Emulator) -> usize {
    let log = emulator.requests().list();
    log.iter().filter(|request| request.service == "managed-identity").count()
}

#[tokio::test]
async fn the_hosts_own_identity_opens_the_data_plane_on_every_host() {
    let emulator = Emulator::start().await.unwrap();
    for host in Host::ALL {
        emulator.requests().clear();
        let credential = on(&emulator, host).build().unwrap();
        for _ in 0..2 {
            let claims = reach_twins(&emulator, &credential).await;
            assert_eq!(claims["oid"], SYSTEM_IDENTITY_OBJECT_ID, "{host:?}");
        }
        let expected = if host == Host::Arc { 2 } else { 1 };
        assert_eq!(asked(&emulator), expected, "{host:?}");
    }
}

#[tokio::test]
async fn a_user_assigned_identity_is_found_by_each_kind_of_id() {
    let emulator = Emulator::start().await.unwrap();
    let by_client = |host| on(&emulator, host).client_id(USER_IDENTITY_CLIENT_ID);
    let by_object = |host| on(&emulator, host).object_id(USER_IDENTITY_OBJECT_ID);
    let by_resource = |host| on(&emulator, host).resource_id(USER_IDENTITY_RESOURCE_ID);
    for host in [Host::Imds, Host::AppService, Host::Arc] {
        for builder in [by_client(host), by_object(host), by_resource(host)] {
            let said = format!("{host:?}: {builder:?}");
            let claims = reach_twins(&emulator, &builder.build().unwrap()).await;
            assert_eq!(claims["oid"], USER_IDENTITY_OBJECT_ID, "{said}");
        }
    }
    let claims = reach_twins(&emulator, &by_client(Host::AzureMl).build().unwrap()).await;
    assert_eq!(claims["oid"], USER_IDENTITY_OBJECT_ID);
    for builder in [
        by_object(Host::AzureMl),
        by_resource(Host::AzureMl),
        by_client(Host::CloudShell),
        by_object(Host::CloudShell),
    ] {
        assert_eq!(builder.build().unwrap_err().kind(), AuthErrorKind::Config);
    }
}

#[tokio::test]
async fn an_identity_that_is_not_assigned_is_refused_with_a_hint() {
    let emulator = Emulator::start().await.unwrap();
    for (host, kind) in [
        (Host::Imds, AuthErrorKind::Unavailable),
        (Host::AppService, AuthErrorKind::Rejected),
        (Host::AzureMl, AuthErrorKind::Rejected),
        (Host::Arc, AuthErrorKind::Rejected),
    ] {
        emulator.requests().clear();
        let error = refused(&on(&emulator, host).client_id(STRANGER).build().unwrap()).await;
        assert_eq!((error.kind(), error.http_status()), (kind, Some(400)), "{host:?}: {error}");
        assert!(error.hint().unwrap().contains("id that was given for"), "{host:?}: {error}");
        assert_eq!(error.attempts(), 1, "{host:?}");
    }
}

#[tokio::test]
async fn a_secret_of_before_the_restart_is_refused_and_not_shown() {
    let emulator = Emulator::start().await.unwrap();
    for (host, name) in [(Host::AppService, "IDENTITY_HEADER"), (Host::AzureMl, "MSI_SECRET")] {
        let mut env = emulator.managed_identity_env(host);
        env.insert(name.to_owned(), "canary".to_owned());
        let builder = Credential::managed_identity().environment(in_map(env));
        let error = refused(&builder.build().unwrap()).await;
        assert_eq!((error.kind(), error.http_status()), (AuthErrorKind::Rejected, Some(401)));
        assert!(!format!("{error}{error:?}").contains("canary"));
    }
}

#[tokio::test]
async fn every_form_of_expiry_is_understood() {
    for form in [ExpiresOn::Epoch, ExpiresOn::LinuxDate, ExpiresOn::WindowsDate] {
        let emulator = Emulator::builder().expires_on(form).start().await.unwrap();
        let credential = on(&emulator, Host::AzureMl).build().unwrap();
        let token = credential.token(&twins()).await.unwrap();
        let life = token.expires_at().duration_since(std::time::SystemTime::now()).unwrap();
        assert!(life > Duration::from_secs(3500) && life <= Duration::from_secs(3600), "{form:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn busy_and_restarting_hosts_are_asked_again() {
    let emulator = Emulator::start().await.unwrap();
    for host in Host::ALL {
        let mut faults = vec![
            ("429", Fault::status(429).retry_after_secs(3)),
            ("500", Fault::status(500)),
            ("reset", Fault::reset()),
        ];
        if host == Host::Imds {
            faults.push(("410", Fault::status(410)));
        }
        for (name, fault) in faults {
            emulator.requests().clear();
            emulator.faults().next(fault.on("managed-identity"));
            let credential = on(&emulator, host).build().unwrap();
            let claims = reach_twins(&emulator, &credential).await;
            assert_eq!(claims["oid"], SYSTEM_IDENTITY_OBJECT_ID, "{host:?}, {name}");
            let expected = if host == Host::Arc { 3 } else { 2 };
            assert_eq!(asked(&emulator), expected, "{host:?}, {name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_metadata_service_may_be_updated_for_seventy_seconds() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().next(Fault::status(410).on("managed-identity").times(5));
    let credential = on(&emulator, Host::Imds).build().unwrap();
    // Longer than a call may take, so the token is had before it.
    credential.token(&twins()).await.unwrap();
    assert_eq!(reach_twins(&emulator, &credential).await["oid"], SYSTEM_IDENTITY_OBJECT_ID);
    assert_eq!(asked(&emulator), 6);
    emulator.faults().next(Fault::status(410).on("managed-identity").always());
    let error = refused(&on(&emulator, Host::Imds).build().unwrap()).await;
    assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Transient, 6), "{error}");
    assert!(error.hint().unwrap().contains("being updated"), "{error}");
}

#[tokio::test]
async fn a_host_that_does_not_listen_is_named() {
    let emulator = Emulator::start().await.unwrap();
    let credential = on(&emulator, Host::AppService).build().unwrap();
    emulator.shutdown().await;
    tokio::time::pause();
    let error = refused(&credential).await;
    assert_eq!(error.kind(), AuthErrorKind::Transient, "{error}");
    assert!(error.hint().unwrap().contains("nobody listens there"), "{error}");
}
