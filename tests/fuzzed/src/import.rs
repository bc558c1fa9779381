//! The files of bulk jobs: JSON lines in sections, and the log that comes of them.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use twinkit_emulator::clock::Clock;
use twinkit_emulator::digital_twins::{BlobFault, Blobs, Config, Instance};

/// A job ends long before it was given way so often.
const TURNS: usize = 100_000;

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().build().unwrap();
}

/// A store with one file in it, and one log.
struct Store {
    input: Bytes,
    log: Mutex<Vec<u8>>,
}

impl Blobs for Store {
    fn read(&self, _: &str) -> Result<Bytes, BlobFault> {
        Ok(self.input.clone())
    }

    fn append(&self, _: &str, bytes: &[u8]) -> Result<(), BlobFault> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        Ok(())
    }
}

/// The input of an import job. The job ends; its log is JSON lines that say so; and
/// of a job that came through, each line of the input was stored or is told as an
/// error, by its number.
pub fn import_file(data: &[u8]) {
    let input = Bytes::copy_from_slice(data);
    let store = Arc::new(Store { input, log: Mutex::default() });
    let instance =
        Instance::new(Config::default(), Clock::new(), Arc::clone(&store) as Arc<dyn Blobs>);
    let job = RUNTIME.with(|runtime| runtime.block_on(run(&instance)));
    let log = store.log.lock().unwrap_or_else(PoisonError::into_inner);
    let log = std::str::from_utf8(&log).unwrap();
    assert!(log.ends_with('\n'));
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| line["jobId"] == "job" && line["jobType"] == "Import"));
    let (first, last) = (lines.first().unwrap(), lines.last().unwrap());
    assert_eq!(first["details"]["status"], "Started");
    let status = job["status"].as_str().unwrap();
    assert_eq!(last["details"]["status"].as_str().unwrap().to_lowercase(), status);

    let errors: Vec<_> = lines.iter().filter(|line| line["logType"] == "Error").collect();
    // The message of another failure may quote anything of the file.
    let told = format!("{} items were not imported; the output lists them.", errors.len());
    let came_through = status == "succeeded" || job["error"]["message"] == told.as_str();
    if came_through {
        let items = items(data).unwrap();
        let (models, twins, relationships) = instance.counts();
        assert_eq!(models + twins + relationships + errors.len(), items.len(), "{log}");
        for error in errors {
            let number = error["details"]["line"].as_u64().unwrap();
            assert!(items.contains(&number), "{error}");
        }
    }
}

async fn run(instance: &Arc<Instance>) -> Value {
    let body = json!({
        "inputBlobUri": "https://store.example/in/file.ndjson",
        "outputBlobUri": "https://store.example/out/log.ndjson",
    });
    instance.create_import_job("job", &body).unwrap();
    for _ in 0..TURNS {
        let job = instance.get_import_job("job").unwrap();
        if !matches!(job["status"].as_str(), Some("notstarted" | "running")) {
            return job;
        }
        tokio::task::yield_now().await;
    }
    panic!("the job does not end");
}

/// The numbers of the lines that are items, read as simply as can be: every line
/// behind the header that begins no section. Nothing if a line is not JSON.
fn items(data: &[u8]) -> Option<Vec<u64>> {
    let mut items = Vec::new();
    let mut in_header = true;
    for (number, line) in (1..).zip(data.split(|byte| *byte == b'\n')) {
        let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        if String::from_utf8_lossy(line).trim().is_empty() {
            continue;
        }
        let line: Value = serde_json::from_slice(line).ok()?;
        match line.get("Section").filter(|_| line.get("$dtId").is_none()) {
            Some(section) => in_header = section == "Header",
            None if in_header => {}
            None => items.push(number),
        }
    }
    Some(items)
}
