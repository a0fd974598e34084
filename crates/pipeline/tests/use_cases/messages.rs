//! The files of `events/` parse as the messages of the functions. `sam local invoke` uses the same files.

use std::{fs, path::Path};

use pipeline::messages::{ExecutionOutcome, NotifyMessage, ResizeJob, Upload};
use serde::de::DeserializeOwned;

fn read<M: DeserializeOwned>(name: &str) -> M {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events").join(name);
    serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap()
}

#[test]
fn the_upload_has_the_fields_of_s3s_event() {
    let upload: Upload = read("validate.upload.json");
    assert_eq!(upload.detail.object.key, "uploads/holiday photo (1).jpg");
    assert!(upload.detail.object.version_id.is_some());
}

#[test]
fn the_destination_of_the_job_is_derived_from_its_source_and_spec() {
    let job: ResizeJob = read("resize.job.json");
    let version = job.source.version_id.as_deref();
    let key = imaging::rendition_key(&job.source.key, &job.source.etag, version, &job.spec);
    assert_eq!(job.destination.key, key);
}

#[test]
fn a_job_without_an_explicit_format_is_refused() {
    let mut job: serde_json::Value = read("resize.job.json");
    job["spec"] = serde_json::json!({"name": "a", "format": "source"});
    let error = serde_json::from_value::<ResizeJob>(job).unwrap_err();
    assert!(error.to_string().contains("format must not be source"), "{error}");
}

#[test]
fn the_completion_has_the_rendition_of_the_job() {
    let NotifyMessage::Outcome(ExecutionOutcome::Completed { results, .. }) = read("notify.completion.json") else {
        panic!("it is a completion")
    };
    let job: ResizeJob = read("resize.job.json");
    assert!(serde_json::to_string(&results).unwrap().contains(&job.destination.key));
}

#[test]
fn the_rejection_has_its_code() {
    let NotifyMessage::Outcome(ExecutionOutcome::Rejected { rejection, .. }) = read("notify.rejection.json") else {
        panic!("it is a rejection")
    };
    assert_eq!(rejection.code, imaging::RejectionCode::NotAnImage);
}

#[test]
fn the_failure_contains_the_upload() {
    let NotifyMessage::StatusChange(change) = read("notify.failure.json") else { panic!("it is a status change") };
    let upload = change.detail.upload().unwrap();
    let original: Upload = read("validate.upload.json");
    assert_eq!(upload, original);
}

#[test]
fn every_file_has_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let known =
        concat!(include_str!("messages.rs"), include_str!("../../../../functions/images/tests/function/events.rs"));
    let names = names.map(|name| name.into_string().unwrap());
    for name in names.filter(|name| name.ends_with(".json")) {
        assert!(known.contains(&format!("\"{name}\"")), "{name} is read by no test");
    }
}
