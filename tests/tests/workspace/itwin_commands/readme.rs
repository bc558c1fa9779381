//! The commands of the README, in its order, with ids in place of the words that
//! stand for them.

use super::*;
use crate::readme::blocks;

#[tokio::test(flavor = "multi_thread")]
async fn every_command_on_an_itwin_works() {
    let machine = machine().await;
    let folder = machine.state.path();
    std::fs::write(folder.join("people.txt"), "ann@contoso.com\nbob@contoso.com\n").unwrap();
    std::fs::write(folder.join("plan.pdf"), "%PDF-1.7 a plan").unwrap();
    std::fs::write(folder.join("deck.bim"), "SQLite format 3\0 a deck").unwrap();
    let mut run = 0;
    for command in blocks("sh") {
        let Some(command) = command.strip_prefix("cargo run -- itwin ") else { continue };
        let args: Vec<String> =
            words(command).into_iter().map(|word| meant(&machine, word)).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        succeeded(&itwin(&machine, &args).current_dir(folder).output().unwrap());
        run += 1;
    }
    assert!(run >= 12, "{run} commands");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(read("copy.pdf"), read("plan.pdf"));
    assert!(read("as-built.bim").starts_with(b"SQLite format 3"));
    assert!(!read("webhook.secret").is_empty());
}

/// Words of a command line; quotation marks hold some together.
fn words(command: &str) -> Vec<String> {
    let pieces = command.split('"').enumerate();
    let words = pieces.flat_map(|(at, piece)| match at % 2 {
        0 => piece.split_whitespace().map(str::to_owned).collect(),
        _ => vec![piece.to_owned()],
    });
    words.collect()
}

fn meant(machine: &Machine, word: String) -> String {
    let first = |args: &[&str]| text(&lines(&done(machine, args))[0], "id");
    let itwin = || first(&["itwins", "list", "--json"]);
    match word.as_str() {
        "ITWIN" => itwin(),
        "IMODEL" => first(&["imodels", "list", &itwin(), "--json"]),
        "CLIENT_ID" => PROGRAM.to_owned(),
        "URL" => "https://hooks.example/deck".to_owned(),
        _ => word,
    }
}
