//! The folder: whose it is, and what is said of one that cannot be used.

use std::{fs, path::Path};

use reqwest::Method;
use serde_json::{Value, json};
use twinkit_emulator::{DataError, EmulatorError, identity::User};

use super::{HOUR, Place, Tokens, done, furniture::furnish, twins_url};
use crate::support::client;

#[tokio::test]
async fn a_folder_is_for_one_emulator_and_a_torn_end_is_dropped_and_damage_told() {
    let place = Place::new();
    let emulator = place.start().await;
    let refused = place.builder().start().await.unwrap_err();
    assert!(matches!(refused, EmulatorError::Data(DataError::InUse(_))), "{refused}");
    let tokens = Tokens::new(&emulator).await;
    furnish(&emulator, &tokens).await;
    let twin = json!({"$metadata": {"$model": "dtmi:x:Room;1"}});
    let last = twins_url(&emulator, "/digitaltwins/last");
    done(Method::PUT, &last, &tokens.twins, Some(twin)).await;
    let (models, twins, relationships) = emulator.instance("digital-twins").unwrap().counts();
    emulator.shutdown().await;

    let file = place.file("digital-twins%20digital-twins.journal");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 5]).unwrap();
    let emulator = place.start().await;
    let counts = emulator.instance("digital-twins").unwrap().counts();
    assert_eq!(counts, (models, twins - 1, relationships));
    emulator.shutdown().await;

    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    fs::write(&file, &damaged).unwrap();
    let refused = place.builder().start().await.unwrap_err();
    let EmulatorError::Data(DataError::Damaged { path, .. }) = &refused else {
        panic!("{refused}");
    };
    assert_eq!(*path, file);
    assert_eq!(fs::read(&file).unwrap(), damaged, "nothing is changed");
    fs::write(&file, &whole).unwrap();
    let emulator = place.start().await;
    assert_eq!(
        emulator.instance("digital-twins").unwrap().counts(),
        (models, twins, relationships)
    );
    for_owner_only(&place.path());
}

#[tokio::test]
async fn whoever_can_still_write_keeps_the_folder_in_use() {
    let place = Place::new();
    let emulator = place.start().await;
    let directory = emulator.directory().clone();
    emulator.shutdown().await;
    let refused = place.builder().start().await.unwrap_err();
    assert!(matches!(refused, EmulatorError::Data(DataError::InUse(_))), "{refused}");
    directory.add_user(User::new("late@twinkit.onmicrosoft.com")).unwrap();
    drop(directory);
    let emulator = place.builder().token_lifetime(HOUR / 2).start().await.unwrap();
    let late = User::new("late@twinkit.onmicrosoft.com");
    assert!(emulator.directory().add_user(late).is_err(), "it is there");
    // Settings of the start hold for what was kept as well.
    let request = client()
        .post(format!("{}/{}/oauth2/v2.0/token", emulator.authority_url(), emulator.tenant_id()))
        .form(&[
            ("grant_type", "client_credentials"),
            ("client_id", twinkit_emulator::identity::CLIENT_ID),
            ("client_secret", twinkit_emulator::identity::CLIENT_SECRET),
            ("scope", "https://digitaltwins.azure.net/.default"),
        ]);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["expires_in"], 1800, "{answer}");
}

fn for_owner_only(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder), 0o700);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let usual = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&path), usual, "{}", path.display());
        }
    }
    #[cfg(not(unix))]
    let _ = folder;
}
