//! Reading of every form of key and certificate that OpenSSL writes, and of
//! what is none. The files are made by `tests/certificates/README.md`.

use std::time::{Duration, SystemTime};

use aws_lc_rs::signature::KeyPair;
use proptest::prelude::*;

use super::*;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates/", $name))
            .as_slice()
    };
}

const KEY: &[u8] = fixture!("key.pem");
const LEAF: &[u8] = fixture!("leaf.pem");
const PASSWORD: &str = "canary-pass";

fn text(parts: &[&[u8]]) -> String {
    String::from_utf8(parts.concat()).unwrap()
}

fn read(certificate: &ClientCertificate) -> Result<Identity, AuthError> {
    let content = certificate.content("test")?;
    certificate.identity("test", &content)
}

fn pem(parts: &[&[u8]]) -> Result<Identity, AuthError> {
    read(&ClientCertificate::from_pem(text(parts)))
}

fn pfx(bytes: &[u8], password: Option<&str>) -> Result<Identity, AuthError> {
    let certificate = ClientCertificate::from_pfx(bytes);
    read(&match password {
        Some(password) => certificate.with_password(password),
        None => certificate,
    })
}

fn encrypted(key: &[u8]) -> Result<Identity, AuthError> {
    read(&ClientCertificate::from_pem(text(&[key, LEAF])).with_password(PASSWORD))
}

fn der(pem: &[u8]) -> Vec<u8> {
    Parts::read_pem(pem, None).unwrap().certificates.remove(0)
}

/// The public key of `key.pem`, by which all forms of it are known.
fn public_key() -> Vec<u8> {
    pem(&[KEY, LEAF]).unwrap().key.public_key().as_ref().to_vec()
}

#[test]
fn every_form_gives_the_same_key_and_leaf() {
    let with_crlf = text(&[KEY, LEAF]).replace('\n', "\r\n");
    let with_texts = format!("Bag Attributes\n    friendlyName: x\n{}", text(&[LEAF, KEY]));
    let forms = [
        ("PKCS#8", pem(&[KEY, LEAF])),
        ("PKCS#1", pem(&[fixture!("key.pkcs1.pem"), LEAF])),
        ("certificate first", pem(&[LEAF, KEY])),
        ("the key twice", pem(&[KEY, LEAF, fixture!("key.pkcs1.pem")])),
        ("a byte order mark", pem(&[b"\xef\xbb\xbf", KEY, LEAF])),
        ("CRLF", read(&ClientCertificate::from_pem(with_crlf))),
        ("texts around", read(&ClientCertificate::from_pem(with_texts))),
        ("PKCS#8 under AES", encrypted(fixture!("key.encrypted.pem"))),
        ("PKCS#8 under 3DES", encrypted(fixture!("key.des3.pem"))),
        ("PKCS#8 by scrypt", encrypted(fixture!("key.scrypt.pem"))),
        ("modern PFX", pfx(fixture!("modern.pfx"), Some(PASSWORD))),
        ("legacy PFX", pfx(fixture!("legacy.pfx"), Some(PASSWORD))),
        ("PFX with an empty password", pfx(fixture!("empty-password.pfx"), Some(""))),
        ("PFX without a password", pfx(fixture!("empty-password.pfx"), None)),
    ];
    let (key, leaf) = (public_key(), der(LEAF));
    for (form, identity) in forms {
        let identity = identity.unwrap_or_else(|error| panic!("{form}: {error}"));
        assert_eq!(identity.key.public_key().as_ref(), key, "{form}");
        assert_eq!(identity.chain[0], leaf, "{form}");
    }
}

#[test]
fn the_chain_begins_with_the_keys_certificate_wherever_that_stands() {
    let (leaf, issuing, root) =
        (der(LEAF), der(fixture!("issuing.pem")), der(fixture!("root.pem")));
    let whole = [leaf, issuing, root];
    let other = fixture!("other.pem");
    assert_eq!(pem(&[KEY, fixture!("chain.pem")]).unwrap().chain, whole);
    assert_eq!(pem(&[other, fixture!("chain.pem"), LEAF, KEY]).unwrap().chain, whole);
    assert_eq!(pem(&[fixture!("root.pem"), KEY, LEAF]).unwrap().chain, whole[..1]);
    for file in [fixture!("modern.pfx"), fixture!("legacy.pfx")] {
        let chain = pfx(file, Some(PASSWORD)).unwrap().chain;
        assert_eq!(chain, whole[..2]);
    }
}

#[test]
fn what_cannot_be_used_is_named_without_a_part_of_it() {
    let other_key = fixture!("other.key.pem");
    for (what, result, said) in [
        ("nothing", pem(&[b""]), "neither PEM nor PFX"),
        ("a text", pem(&[b"canary"]), "neither PEM nor PFX"),
        ("no certificate", pem(&[KEY]), "no certificate"),
        ("no key", pem(&[LEAF]), "no private key"),
        ("another's key", pem(&[other_key, LEAF]), "none belongs to the private key"),
        ("two keys", pem(&[KEY, other_key, LEAF]), "2 private keys"),
        ("a small key", pem(&[fixture!("small.pem")]), "less than 2048 bits"),
        ("an EC key", pem(&[fixture!("ec.pem")]), "not RSA"),
        ("an EC key in SEC1", pem(&[fixture!("ec.sec1.pem")]), "not RSA"),
        ("no password", pem(&[fixture!("key.encrypted.pem"), LEAF]), "no password is given"),
        (
            "encryption of long ago",
            pem(&[fixture!("key.traditional-encrypted.pem"), LEAF]),
            "encrypted in a way",
        ),
        ("encryption of between", encrypted(fixture!("key.pbes1.pem")), "encrypted in a way"),
        ("half a file", pem(&[KEY.split_at(KEY.len() / 2).0]), "damaged"),
        ("PFX, no password", pfx(fixture!("modern.pfx"), None), "no password is given"),
        ("PFX, wrong password", pfx(fixture!("modern.pfx"), Some("x")), "another password"),
        ("old PFX, wrong password", pfx(fixture!("legacy.pfx"), Some("x")), "another password"),
        ("PFX without key", pfx(fixture!("no-key.pfx"), None), "no private key"),
        ("half a PFX", pfx(&fixture!("modern.pfx")[..900], Some(PASSWORD)), "neither PEM nor PFX"),
        ("PEM for PFX", pfx(KEY, None), "neither PEM nor PFX"),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Config, "{what}");
        assert!(error.to_string().contains(said), "{what}: {error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{what}: {error}");
    }
    let wrong = ClientCertificate::from_pem(text(&[fixture!("key.encrypted.pem"), LEAF]))
        .with_password("x");
    assert!(read(&wrong).unwrap_err().to_string().contains("another password"));
}

#[test]
fn files_are_known_by_their_content_and_named_in_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("a"), fixture!("modern.pfx")).unwrap();
    std::fs::write(path("b"), text(&[LEAF, KEY])).unwrap();
    std::fs::write(path("leaf"), fixture!("chain.pem")).unwrap();
    std::fs::write(path("key"), fixture!("key.encrypted.pem")).unwrap();
    std::fs::write(path("large"), vec![b' '; 1024 * 1024 + 1]).unwrap();
    assert!(read(&ClientCertificate::from_file(path("a")).with_password(PASSWORD)).is_ok());
    assert!(read(&ClientCertificate::from_file(path("b"))).is_ok());
    let two = ClientCertificate::from_files(path("leaf"), path("key")).with_password(PASSWORD);
    assert_eq!(read(&two).unwrap().chain.len(), 3);
    for (name, said) in [
        ("leaf", "leaf: no private key"),
        ("large", "larger than the limit of 1048576 bytes"),
        ("none", "none cannot be read"),
        (".", "is not a file"),
    ] {
        let error = read(&ClientCertificate::from_file(path(name))).unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Config, "{name}");
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn expiry_is_known() {
    let identity = pem(&[KEY, LEAF]).unwrap();
    assert!(!identity.has_expired(SystemTime::UNIX_EPOCH));
    let in_200_years = SystemTime::UNIX_EPOCH + Duration::from_secs(200 * 366 * 86_400);
    assert!(identity.has_expired(in_200_years));
}

#[test]
fn debug_hides_everything() {
    let all = [
        ClientCertificate::from_pem("canary").with_password("canary"),
        ClientCertificate::from_pfx(b"canary").with_password("canary"),
        ClientCertificate::from_file("/x").with_password("canary").with_chain().with_rs256(),
    ];
    for certificate in all {
        let shown = format!("{certificate:?}{certificate:#?}");
        let bytes = format!("{:?}", b"canary");
        assert!(!shown.contains("canary") && !shown.contains(&bytes), "{shown}");
    }
    let identity = pem(&[KEY, LEAF]).unwrap();
    assert_eq!(format!("{identity:?}"), "Identity { chain: 1, .. }");
}

/// Decodes what decoding is meant for and what is beside it.
fn decode(bytes: &[u8]) {
    for password in [None, Some(PASSWORD.into())] {
        for read in [Parts::read, Parts::read_pem, Parts::read_pfx] {
            if let Ok(parts) = read(bytes, password.as_ref()) {
                let _ = Identity::new(parts);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        decode(&bytes);
        decode(&[&[0x30], bytes.as_slice()].concat());
    }

    #[test]
    fn no_pem_panics(
        label in "(RSA |ENCRYPTED |EC )?(PRIVATE KEY|CERTIFICATE)",
        der in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        use base64::Engine as _;
        let body = base64::engine::general_purpose::STANDARD.encode(der);
        let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        decode(&[KEY, pem.as_bytes()].concat());
    }

    #[test]
    fn no_change_of_a_good_file_panics(
        which in 0..5_usize,
        at in any::<prop::sample::Index>(),
        to in any::<u8>(),
    ) {
        let files = [
            fixture!("empty-password.pfx"),
            fixture!("no-key.pfx"),
            LEAF,
            fixture!("key.pkcs1.pem"),
            fixture!("small.pem"),
        ];
        let mut bytes = files[which].to_vec();
        let index = at.index(bytes.len());
        bytes[index] = to;
        decode(&bytes);
        bytes.truncate(index);
        decode(&bytes);
    }
}
