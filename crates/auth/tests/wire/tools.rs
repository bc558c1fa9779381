//! Developer tools: what they are run with, what they say, and tools that hang,
//! flood or leave children behind. The tools are shell scripts of the tests.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::support::{Traces, all_texts, request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::oneshot;
use twinkit_auth::{AccessToken, AuthError, AuthErrorKind, Credential, ExposeSecret, TokenRequest};

/// The year 2100.
const END: u64 = 4_102_444_800;

/// A tool in a folder of its own, which goes when the test ends.
struct Tool(tempfile::TempDir);

impl Tool {
    /// A tool that keeps what it is run with, then does `body`.
    fn new(body: &str) -> Self {
        let tool = Self(tempfile::tempdir().unwrap());
        tool.plant("tool", body);
        tool
    }

    /// Another shell writes the script: if this process did, a child that
    /// another test starts meanwhile would hold it open for writing, and it
    /// could not be run.
    fn plant(&self, name: &str, body: &str) {
        let path = self.file(name);
        let mut shell = Command::new("sh")
            .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let head = "#!/bin/sh\nd=$(dirname \"$0\")\nfor a in \"$@\"; do printf '%s\\n' \"$a\"; done \
                    > \"$d/argv\"\nenv > \"$d/env\"\npwd > \"$d/pwd\"\ncat > \"$d/stdin\"\n";
        shell.stdin.take().unwrap().write_all(format!("{head}{body}\n").as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success());
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o755);
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    fn argv(&self) -> Vec<String> {
        self.read("argv").lines().map(str::to_owned).collect()
    }

    fn was_run(&self) -> bool {
        self.file("argv").exists()
    }

    fn az(&self) -> Credential {
        Credential::azure_cli().program(self.file("tool")).build().unwrap()
    }
}

fn az_token(name: &str) -> String {
    format!(
        r#"echo '{{"accessToken":"{name}","expiresOn":"2100-01-01 00:00:00.000000","expires_on":{END},"subscription":"s","tenant":"t","tokenType":"Bearer"}}'"#
    )
}

async fn token(credential: &Credential) -> AccessToken {
    credential.token(&request()).await.unwrap()
}

async fn failure(credential: &Credential) -> AuthError {
    credential.token(&request()).await.unwrap_err()
}

fn assert_ends_at_2100(token: &AccessToken) {
    assert_eq!(token.expires_at(), SystemTime::UNIX_EPOCH + Duration::from_secs(END));
}

const SCOPE: &str = "https://digitaltwins.azure.net/.default";

#[tokio::test]
async fn az_is_run_as_documented_and_away_from_the_callers_folder() {
    let tool = Tool::new(&az_token("t"));
    let given = token(&tool.az()).await;
    assert_eq!(given.secret().expose_secret(), "t");
    assert_ends_at_2100(&given);
    let line = ["account", "get-access-token", "--output", "json", "--scope", SCOPE];
    assert_eq!(tool.argv(), line);
    let env = tool.read("env");
    assert!(
        env.contains("AZURE_CORE_NO_COLOR=true")
            && env.contains("AZURE_CORE_ONLY_SHOW_ERRORS=true")
    );
    assert!(env.contains("\nPATH=") || env.starts_with("PATH="), "the environment is handed on");
    assert_eq!((tool.read("pwd").as_str(), tool.read("stdin").as_str()), ("/\n", ""));
}

#[tokio::test]
async fn tenant_or_subscription_is_named_and_never_both() {
    let tool = Tool::new(&az_token("t"));
    let builder = || Credential::azure_cli().program(tool.file("tool"));
    token(&builder().tenant("contoso.com").build().unwrap()).await;
    assert_eq!(tool.argv()[6..], ["--tenant", "contoso.com"]);
    let other = request().with_tenant("fabrikam.com").unwrap();
    builder().tenant("contoso.com").build().unwrap().token(&other).await.unwrap();
    assert_eq!(tool.argv()[6..], ["--tenant", "fabrikam.com"]);
    let subscription = builder().subscription("My Sub");
    token(&subscription.clone().build().unwrap()).await;
    assert_eq!(tool.argv()[6..], ["--subscription", "My Sub"]);
    fs::remove_file(tool.file("argv")).unwrap();
    let error = subscription.clone().tenant("contoso.com").build().unwrap_err();
    assert!(error.to_string().contains("not both"), "{error}");
    let error = subscription.build().unwrap().token(&other).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Config);
    assert!(!tool.was_run());
}

#[tokio::test]
async fn warnings_colours_and_odd_bytes_around_the_object_do_no_harm() {
    let noise = r"printf 'WARNING: {old}\n\033[33m\377\376\n'; printf '\377warn\n' >&2";
    let tool = Tool::new(&format!("{noise}\n{}\necho bye", az_token("t")));
    assert_eq!(token(&tool.az()).await.secret().expose_secret(), "t");
}

#[tokio::test]
async fn what_could_be_more_than_a_value_is_refused_before_anything_is_run() {
    let tool = Tool::new(&az_token("t"));
    let path = tool.file("tool");
    let pwsh = Credential::azure_powershell().program(&path).build().unwrap();
    let azd = Credential::azure_developer_cli().program(&path).build().unwrap();
    for credential in [tool.az(), pwsh, azd] {
        for bad in
            ["-x", "--debug", "a&calc", "a%PATH%", "a'b", "a;b", "a|b", "a$(b)", "a^b", "a`b"]
        {
            let request = TokenRequest::new([bad]).unwrap();
            let error = credential.token(&request).await.unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config, "{bad}");
        }
        let two = TokenRequest::new(["a", "b"]).unwrap();
        assert_eq!(credential.token(&two).await.unwrap_err().kind(), AuthErrorKind::Config);
        let behalf = request().with_user_assertion("canary");
        assert_eq!(credential.token(&behalf).await.unwrap_err().kind(), AuthErrorKind::Config);
        let tenant = request().with_tenant("-x").unwrap();
        assert_eq!(credential.token(&tenant).await.unwrap_err().kind(), AuthErrorKind::Config);
    }
    for bad in ["", "-x", "a\"b", "a\nb", "a&b", "a%b"] {
        assert!(Credential::azure_cli().tenant(bad).build().is_err(), "{bad:?}");
        assert!(Credential::azure_cli().subscription(bad).build().is_err(), "{bad:?}");
        assert!(Credential::azure_powershell().tenant(bad).build().is_err(), "{bad:?}");
    }
    assert!(Credential::azure_cli().program("az").build().is_err(), "no relative path");
    assert!(!tool.was_run());
}

#[tokio::test]
async fn a_cli_that_nobody_signed_in_to_names_the_command() {
    // The words of the real one.
    let tool = Tool::new("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");
    let error = failure(&tool.az()).await;
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired);
    assert!(error.to_string().contains("Please run 'az login'"), "{error}");
    assert_eq!(error.hint(), Some("sign in: az login"));
    let path = tool.file("tool");
    let error =
        failure(&Credential::azure_cli().program(path).tenant("c.com").build().unwrap()).await;
    assert_eq!(error.hint(), Some("sign in: az login --tenant c.com"));
}

#[tokio::test]
async fn claims_challenges_give_the_command_that_answers_them() {
    let tool = Tool::new(&az_token("t"));
    let claims = r#"{"access_token":{"nbf":{"essential":true}}}"#;
    let request = request().with_claims(claims).unwrap().with_tenant("c.com").unwrap();
    let error = tool.az().token(&request).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired);
    let encoded = STANDARD.encode(claims);
    let command = format!("az login --tenant c.com --scope {SCOPE} --claims-challenge {encoded}");
    assert!(error.hint().unwrap().ends_with(&command), "{error}");
    let pwsh = Credential::azure_powershell().program(tool.file("tool")).build().unwrap();
    let error = pwsh.token(&request).await.unwrap_err();
    let command = format!("Connect-AzAccount -TenantId c.com -ClaimsChallenge {encoded}");
    assert!(error.hint().unwrap().ends_with(&command), "{error}");
    assert!(!tool.was_run());
    tool.az().token(&self::request().with_cae()).await.unwrap();
}

fn request_for_azd(tool: &Tool) -> Credential {
    Credential::azure_developer_cli().program(tool.file("tool")).build().unwrap()
}

#[tokio::test]
async fn azd_is_run_as_documented() {
    let answer = r#"echo '{"token":"t","expiresOn":"2100-01-01T00:00:00Z"}'"#;
    let tool = Tool::new(answer);
    let claims = request().with_claims("{}").unwrap().with_tenant("c.com").unwrap();
    let given = request_for_azd(&tool).token(&claims).await.unwrap();
    assert_ends_at_2100(&given);
    let line = ["auth", "token", "--output", "json", "--no-prompt", "--scope", SCOPE];
    assert_eq!(tool.argv()[..7], line);
    assert_eq!(tool.argv()[7..], ["--tenant-id", "c.com", "--claims", "e30="]);
    token(&request_for_azd(&tool)).await;
    assert_eq!(tool.argv(), line);
}

#[tokio::test]
async fn azds_complaints_of_both_forms_are_read() {
    for body in [
        r#"echo '{"error":"auth","message":"not logged in, canary eyJcanary","suggestion":"run azd auth login"}'"#,
        r#"echo '{"type":"consoleMessage","data":{"message":"ERROR: not logged in, run `azd auth login`"}}'"#,
        r#"echo 'ERROR: not logged in, run `azd auth login`' >&2"#,
    ] {
        let tool = Tool::new(&format!("{body}; exit 1"));
        let error = failure(&request_for_azd(&tool)).await;
        assert_eq!(error.kind(), AuthErrorKind::InteractionRequired, "{error}");
        assert!(error.to_string().contains("not logged in"), "{error}");
        assert_eq!(error.hint(), Some("sign in: azd auth login"));
        assert!(!error.to_string().contains("eyJ"));
    }
    let tool = Tool::new("echo 'Error: unknown flag: --claims' >&2; exit 1");
    let claims = request().with_claims("{}").unwrap();
    let error = request_for_azd(&tool).token(&claims).await.unwrap_err();
    assert!(error.hint().unwrap().contains("1.18.1"), "{error}");
}

fn request_for_pwsh(tool: &Tool) -> Credential {
    Credential::azure_powershell().program(tool.file("tool")).tenant("c.com").build().unwrap()
}

#[tokio::test]
async fn powershell_is_given_a_script_in_base64() {
    let tool =
        Tool::new(&format!("echo 'a profile speaks'; printf 'twinkit-token%%t%%{END}\\r\\n'"));
    let given = token(&request_for_pwsh(&tool)).await;
    assert_eq!(given.secret().expose_secret(), "t");
    assert_ends_at_2100(&given);
    let argv = tool.argv();
    assert_eq!(argv[..3], ["-NoProfile", "-NonInteractive", "-EncodedCommand"]);
    let bytes = STANDARD.decode(&argv[3]).unwrap();
    let units: Vec<u16> = bytes.chunks(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
    let script = String::from_utf16(&units).unwrap();
    for part in [
        "@{ ResourceUrl = 'https://digitaltwins.azure.net'; TenantId = 'c.com' }",
        "-MinimumVersion 2.2.0",
        "[System.Security.SecureString]",
        "ToUnixTimeSeconds()",
        "\"twinkit-token%$text%$(",
    ] {
        assert!(script.contains(part), "{part} missing in {script}");
    }
}

#[tokio::test]
async fn powershells_complaints_are_read() {
    use AuthErrorKind::{InteractionRequired, Rejected, Unavailable};
    for (said, kind, hint) in [
        ("twinkit-error%no-module", Unavailable, Some("Install-Module Az.Accounts")),
        (
            "twinkit-error%Run Connect-AzAccount to login.",
            InteractionRequired,
            Some("sign in: Connect-AzAccount -TenantId c.com"),
        ),
        ("twinkit-error%something else", Rejected, None),
    ] {
        let tool = Tool::new(&format!("echo '{said}'; exit 1"));
        let error = failure(&request_for_pwsh(&tool)).await;
        assert_eq!((error.kind(), error.hint()), (kind, hint), "{error}");
    }
}

#[tokio::test]
async fn output_without_a_good_token_is_a_protocol_error_that_shows_none_of_it() {
    for body in [
        "true",
        "echo canary",
        "echo '{'",
        r#"echo '{"accessToken":"canary"}'"#,
        r#"echo '{"accessToken":"canary","expiresOn":"2100-01-01 00:00:00.000000"}'"#,
        r#"echo '{"accessToken":"canary","expires_on":"soon"}'"#,
        r#"echo '{"accessToken":"canary","expires_on":4102444800,"tokenType":"pop"}'"#,
        r#"echo '{"accessToken":"canary canary","expires_on":4102444800}'"#,
        r#"echo '{"accessToken":"","expires_on":4102444800}'"#,
        r#"echo '{"accessToken":"canary","expires_on":5}'"#,
        "echo 'twinkit-token%canary'",
        r#"echo '{"token":"canary","expiresOn":"soon"}'"#,
    ] {
        let tool = Tool::new(body);
        for credential in [tool.az(), request_for_azd(&tool), request_for_pwsh(&tool)] {
            let error = failure(&credential).await;
            assert_eq!(error.kind(), AuthErrorKind::Protocol, "{body}: {error}");
            assert!(!all_texts(&error).contains("canary"), "{error}");
        }
    }
    let tool = Tool::new(r#"echo '{"accessToken":"t","expiresOn":"2100-01-01 00:00:00.000000"}'"#);
    assert!(failure(&tool.az()).await.hint().unwrap().contains("2.54"));
}

#[tokio::test]
async fn a_failing_tools_output_and_tokens_are_never_shown() {
    let long = "canary".repeat(20);
    let body = format!(
        "{}\necho \"ERROR: no: eyJcanary.canary.canary {long}\" >&2; exit 1",
        az_token("canary-on-stdout")
    );
    let tool = Tool::new(&body);
    for credential in [tool.az(), request_for_azd(&tool), request_for_pwsh(&tool)] {
        let (traces, _guard) = Traces::start();
        let error = failure(&credential).await;
        assert_eq!(error.kind(), AuthErrorKind::Rejected);
        assert!(error.to_string().contains("ERROR: no: [redacted]"), "{error}");
        let texts = all_texts(&error) + &traces.text() + &format!("{credential:?}");
        assert!(!texts.contains("canary"), "{texts}");
    }
    let (traces, _guard) = Traces::start();
    let tool = Tool::new(&az_token("canary"));
    let given = token(&tool.az()).await;
    let texts = traces.text() + &format!("{given:?}") + &tool.argv().join(" ");
    assert!(!texts.contains("canary"), "{texts}");
}

#[tokio::test]
async fn floods_are_cut_off() {
    let tool = Tool::new("yes canary");
    let error = failure(&tool.az()).await;
    assert_eq!(error.kind(), AuthErrorKind::Protocol);
    assert!(error.to_string().contains("more than a megabyte"), "{error}");
    let flood = "head -c 3000000 /dev/zero | tr '\\0' 'x ' >&2";
    let tool = Tool::new(&format!("{flood}; exit 1"));
    let error = failure(&tool.az()).await;
    assert!(error.to_string().len() < 4096, "{error}");
    let tool = Tool::new(&format!("{flood}; {}", az_token("t")));
    token(&tool.az()).await;
}

#[tokio::test]
async fn a_child_that_outlives_the_tool_does_not_hold_the_token_up() {
    // The child keeps the output open; `wait` would be for ever.
    let tool = Tool::new(&format!("sleep 1000 & echo $! > \"$d/child\"\n{}", az_token("t")));
    let given = token(&tool.az()).await;
    assert_eq!(given.secret().expose_secret(), "t");
    let child = tool.read("child");
    assert!(Command::new("kill").arg(child.trim()).status().unwrap().success());
}

/// A tool that starts a child and a grandchild, and hangs. All of them hold the
/// pipe `alive` open for writing.
fn hanging() -> Tool {
    let tool = Tool::new(
        "exec 3> \"$d/alive\"\n(sleep 1000 & sleep 1000) &\nsleep 1000 &\necho started >&3\nsleep 1000",
    );
    assert!(Command::new("mkfifo").arg(tool.file("alive")).status().unwrap().success());
    tool
}

/// Tells when the tool hangs, and then when nothing of it is alive any more.
fn life_of(tool: &Tool) -> (oneshot::Receiver<()>, oneshot::Receiver<()>) {
    let (started, is_started) = oneshot::channel();
    let (ended, is_ended) = oneshot::channel();
    let path = tool.file("alive");
    std::thread::spawn(move || {
        let mut pipe = BufReader::new(File::open(path).unwrap());
        pipe.read_line(&mut String::new()).unwrap();
        started.send(()).unwrap();
        pipe.read_to_end(&mut Vec::new()).unwrap();
        let _ = ended.send(());
    });
    (is_started, is_ended)
}

#[tokio::test]
async fn a_tool_that_hangs_is_killed_with_all_that_it_started() {
    let tool = hanging();
    let (started, ended) = life_of(&tool);
    let credential = tool.az();
    let (error, ()) = tokio::join!(failure(&credential), async {
        started.await.unwrap();
        tokio::time::pause();
    });
    assert_eq!(error.kind(), AuthErrorKind::Timeout);
    assert!(error.to_string().contains("az did not end within 13 s"), "{error}");
    ended.await.unwrap();
}

#[tokio::test]
async fn a_tool_that_nobody_waits_for_is_killed_with_all_that_it_started() {
    let tool = hanging();
    let (started, ended) = life_of(&tool);
    let credential = tool.az();
    let waiting = tokio::spawn(async move { failure(&credential).await });
    started.await.unwrap();
    waiting.abort();
    ended.await.unwrap();
}

#[tokio::test]
async fn a_tool_that_is_not_there_is_unavailable_and_found_once_it_is() {
    let tool = Tool::new("true");
    let path = tool.file("later");
    let credential = Credential::azure_cli().program(&path).build().unwrap();
    let error = failure(&credential).await;
    assert_eq!(error.kind(), AuthErrorKind::Unavailable);
    assert!(error.hint().unwrap().contains("install the Azure CLI"), "{error}");
    tool.plant("later", &az_token("t"));
    credential.token(&request().with_force_refresh()).await.unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = credential.token(&request().with_force_refresh()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Config, "{error}");
}

/// Set for the child process of the test below.
const ON_PATH: &str = "TWINKIT_TEST_PATH";

/// Runs only as the child process: says what token it got.
#[tokio::test]
async fn child_runs_az_of_its_path() {
    if std::env::var_os(ON_PATH).is_none() {
        return;
    }
    let credential = Credential::azure_cli().build().unwrap();
    match credential.token(&request()).await {
        Ok(token) => println!("got {}", token.secret().expose_secret()),
        Err(error) => println!("got {:?}", error.kind()),
    }
}

#[test]
fn a_planted_az_in_the_current_folder_is_not_run() {
    let (planted, good) = (Tool::new("true"), Tool::new("true"));
    planted.plant("az", &az_token("planted"));
    good.plant("az", &az_token("good"));
    let run = |folders: &[&Path]| {
        let path = std::env::join_paths(folders).unwrap();
        let path = format!("{}:/usr/bin:/bin", path.to_str().unwrap());
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "tools::child_runs_az_of_its_path", "--nocapture"]);
        child.env(ON_PATH, "1").env("PATH", path).current_dir(planted.0.path());
        String::from_utf8(child.output().unwrap().stdout).unwrap()
    };
    let here = [Path::new(""), Path::new("."), planted.0.path()];
    let said = run(&[here[0], here[1], here[2], good.0.path()]);
    assert!(said.contains("got good"), "{said}");
    assert!(!planted.was_run());
    let said = run(&here);
    assert!(!said.contains("planted") && !planted.was_run(), "{said}");
}
