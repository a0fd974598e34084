//! The API as its callers see it.
#![allow(clippy::unwrap_used)]

mod support;

use pipeline::{
    Failure,
    ports::{Records, SourceVersions},
    testing::Fault,
};
use serde_json::json;
use support::{Answer, World, request};

fn assert_problem(answer: &Answer, status: u64, detail: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
    assert_eq!(answer.body["status"], status, "{answer:?}");
    for member in ["type", "title", "request_id"] {
        assert!(answer.body[member].is_string(), "{member}: {answer:?}");
    }
    let found = answer.body["detail"].as_str().unwrap();
    assert!(found.contains(detail), "{detail}: {answer:?}");
}

#[tokio::test]
async fn health_says_the_version() {
    let answer = World::new().get("/health").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}));
}

#[tokio::test]
async fn any_key_is_found_as_it_was_sent() {
    for (key, path) in [
        ("a b+c%.jpg", "/images/a%20b+c%25.jpg"),
        ("a b+c%.jpg", "/images/a%20b%2Bc%25.jpg"),
        ("a b+c%.jpg", "/images/a b+c%.jpg"),
        ("a%20b", "/images/a%2520b"),
        ("ü/日本 (1).png", "/images/%C3%BC%2F%E6%97%A5%E6%9C%AC%20(1).png"),
        ("ü/日本 (1).png", "/images/ü/日本 (1).png"),
        ("a/../b/./c", "/images/a/../b/./c"),
        ("a/../b/./c", "/images/a%2F..%2Fb/%2e/c"),
        ("//a//", "/images///a//"),
        ("a?b#c", "/images/a%3Fb%23c"),
        ("images/images", "/images/images/images"),
    ] {
        let world = World::new();
        world.completed(key).await;
        let answer = world.get(path).await;
        assert_eq!((answer.status, &answer.body["key"]), (200, &json!(key)), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_is_a_bad_request() {
    let world = World::new();
    assert_problem(&world.get("/images/%FF").await, 400, "not UTF-8");
    let long = format!("/images/{}", "k".repeat(1025));
    assert_problem(&world.get(&long).await, 400, "1025 bytes");
    assert_problem(&world.call("DELETE", &long, &[]).await, 400, "1025 bytes");
    let body = json!({"key": "k".repeat(1025)}).to_string();
    assert_problem(&world.post("/executions", &body).await, 400, "1025 bytes");
}

#[tokio::test]
async fn polling_is_cheap_until_the_record_changes() {
    let world = World::new();
    world.processing("a").await;
    let first = world.get("/images/a").await;
    assert_eq!((first.status, first.header("retry-after")), (200, Some("1")));
    let poll = async |etag: &str| {
        let mut event = request("GET", "/images/a", &[]);
        event["headers"]["If-None-Match"] = etag.into();
        world.invoke(event).await
    };
    let etag = first.header("etag").unwrap();
    let same = poll(&format!("\"other\", {etag}")).await;
    assert_eq!((same.status, &same.body, same.header("etag")), (304, &json!(null), Some(etag)));
    assert_eq!(poll("*").await.status, 304);
    world.completed("a").await;
    let done = poll(etag).await;
    assert_eq!((done.status, done.header("retry-after")), (200, None));
    assert_ne!(done.header("etag"), Some(etag));
}

#[tokio::test]
async fn what_is_on_its_way_is_worth_asking_for_again_and_what_is_unknown_is_not() {
    let world = World::new();
    world.cloud.put_source("new", Some("v1"), b"picture".to_vec());
    let arriving = world.get("/images/new").await;
    assert_problem(&arriving, 404, "not processed yet");
    assert_eq!(arriving.header("retry-after"), Some("1"));
    let unknown = world.get("/images/unknown").await;
    assert_problem(&unknown, 404, "'unknown'");
    assert_eq!(unknown.header("retry-after"), None);
}

#[tokio::test]
async fn a_list_is_followed_by_its_cursor() {
    let world = World::new();
    for key in ["a", "b", "c"] {
        world.completed(key).await;
    }
    let first = world.call("GET", "/images", &[("limit", "2"), ("status", "completed")]).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.body["images"][1]["key"], "b");
    assert!(first.body["images"][0]["renditions"][0]["url"].is_string());
    let cursor = first.body["cursor"].as_str().unwrap();
    let second = world.call("GET", "/images", &[("limit", "2"), ("cursor", cursor)]).await;
    assert_eq!(second.body["images"][0]["key"], "c");
    assert!(second.body.get("cursor").is_none());
}

#[tokio::test]
async fn a_list_that_cannot_be_is_a_bad_request_that_says_what_can() {
    let world = World::new();
    for (name, value, detail) in [
        ("limit", "0", "'0' is not from 1 to 100"),
        ("limit", "101", "'101'"),
        ("limit", "-1", "'-1'"),
        ("limit", "many", "'many'"),
        ("status", "done", "none of processing, failed, rejected, completed"),
        ("after", "yesterday", "'yesterday' is no RFC 3339 time"),
        ("before", "2026-13-01T00:00:00Z", "RFC 3339"),
        ("after", "9999-12-31T23:59:59-23:59", "the year is not from 0000 to 9999"),
        ("before", "0000-01-01T00:00:00+23:59", "the year is not from 0000 to 9999"),
        ("cursor", "eyJ2IjoyfQ", "not one that a list has answered with"),
        ("order", "asc", "unknown field `order`"),
    ] {
        let answer = world.call("GET", "/images", &[(name, value)]).await;
        assert_problem(&answer, 400, detail);
    }
    let answer = world.call("GET", "/images", &[("after", "9999-12-31T23:59:59-23:59")]).await;
    assert_eq!(answer.body["field"], "after");
    let answer = world.call("GET", "/images", &[("limit", "0")]).await;
    let [field, limit, value] = ["field", "limit", "value"].map(|name| answer.body[name].clone());
    assert_eq!((field, limit, value), (json!("limit"), json!(100), json!("0")));
}

#[tokio::test]
async fn a_failure_tells_callers_nothing_of_roles_and_accounts() {
    let cause = "User: arn:aws:sts::123456789012:assumed-role/darkroom-dev-ResizeFunctionRole-1A2B/darkroom-dev-Resize is \
                 not authorized to perform: s3:PutObject";
    let names = ["ABORTED", "TIMED_OUT", "States.Timeout", "Lambda.Unknown", "of an operator"];
    for error in Failure::NAMES.into_iter().chain(names) {
        let world = World::new();
        world.failed("a", error, cause).await;
        for answer in [world.get("/images/a").await.body, world.get("/images").await.body] {
            let record = if answer["images"].is_array() { &answer["images"][0] } else { &answer };
            assert_eq!(record["failure"]["error"], error, "{answer}");
            assert!(!record["failure"]["cause"].as_str().unwrap().is_empty(), "{answer}");
            for secret in ["123456789012", "Role", "arn:"] {
                assert!(!record["failure"].to_string().contains(secret), "{secret}: {answer}");
            }
        }
        let kept = world.cloud.get("a").await.unwrap().unwrap().failure.unwrap();
        assert_eq!(kept.cause, cause, "operators read it");
    }
}

#[tokio::test]
async fn an_upload_is_offered_by_body_and_by_query() {
    let world = World::new();
    let body = json!({"filename": "a.jpg", "content_type": "image/jpeg", "byte_len": 10});
    let created = world.post("/uploads", &body.to_string()).await;
    assert_eq!(created.status, 201, "{created:?}");
    let query = [
        ("filename", "a + b.jpg"),
        ("content_type", "image/jpeg"),
        ("byte_len", "10"),
        ("profile", "widths"),
    ];
    let offered = world.call("GET", "/uploads", &query).await;
    assert_eq!(offered.status, 200, "{offered:?}");
    let key = offered.body["key"].as_str().unwrap();
    assert!(key.starts_with("widths/") && key.ends_with("/a + b.jpg"), "{key}");
    for member in ["url", "headers", "expires_at"] {
        assert!(offered.body.get(member).is_some(), "{member}");
    }
}

#[tokio::test]
async fn a_bad_upload_is_told_everything_at_once() {
    let body = json!({"filename": "", "content_type": "image/tiff", "byte_len": 100_000_001});
    let answer = World::new().post("/uploads", &body.to_string()).await;
    assert_problem(&answer, 400, "100000001");
    let errors = answer.body["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 3);
    assert_eq!(
        errors[1],
        json!({"field": "byte_len", "detail": errors[1]["detail"], "limit": 100_000_000, "value": 100_000_001})
    );
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_why() {
    let world = World::new();
    for (body, detail) in [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("{'key': 1}", "not JSON"),
        ("{}", "missing field `key`"),
        ("[]", "key"),
        (r#"{"key": 1}"#, "key: invalid type: integer `1`, expected a string"),
        (r#"{"key": "a", "keys": []}"#, "unknown field `keys`"),
        (r#"{"key": ""}"#, "0 bytes"),
        (&json!({"key": "k".repeat(20_000)}).to_string(), "16384 bytes"),
    ] {
        assert_problem(&world.post("/executions", body).await, 400, detail);
    }
    let mut event = request("POST", "/executions", &[]);
    event["body"] = r#"{"key": "a"}"#.into();
    assert_problem(&world.invoke(event).await, 400, "application/json");
    assert!(world.cloud.executions().is_empty());
}

#[tokio::test]
async fn what_is_not_there_is_told_as_a_problem() {
    let world = World::new();
    assert_problem(&world.get("/").await, 404, "nothing at /");
    assert_problem(&world.get("/pictures").await, 404, "/pictures");
    assert_problem(&world.post("/executions", r#"{"key": "a"}"#).await, 404, "'a'");
    for (method, path) in [("PUT", "/uploads"), ("POST", "/images/a"), ("GET", "/executions")] {
        let answer = world.call(method, path, &[]).await;
        assert_problem(&answer, 405, method);
        assert!(answer.header("allow").is_some(), "{answer:?}");
    }
}

#[tokio::test]
async fn no_cache_keeps_links_and_lists() {
    let world = World::new();
    world.completed("a").await;
    let offer = [("filename", "a.jpg"), ("content_type", "image/jpeg"), ("byte_len", "10")];
    let body = json!({"filename": "a.jpg", "content_type": "image/jpeg", "byte_len": 10});
    for (answer, expected) in [
        (world.get("/images").await, "no-store"),
        (world.call("GET", "/uploads", &offer).await, "no-store"),
        (world.post("/uploads", &body.to_string()).await, "no-store"),
        (world.post("/executions", r#"{"key": "a"}"#).await, "no-store"),
        (world.get("/images/unknown").await, "no-store"),
        (world.get("/images?limit=0").await, "no-store"),
        (world.get("/images/a").await, "private, no-cache"),
    ] {
        assert_eq!(answer.header("cache-control"), Some(expected), "{answer:?}");
    }
}

#[tokio::test]
async fn a_removal_can_be_repeated() {
    let world = World::new();
    world.completed("a b").await;
    for _ in 0..2 {
        let answer = world.call("DELETE", "/images/a%20b", &[]).await;
        assert_eq!((answer.status, answer.body), (204, json!(null)));
    }
    assert_eq!(world.cloud.get("a b").await.unwrap(), None);
}

#[tokio::test]
async fn a_removed_source_keeps_its_versions_unless_it_is_purged() {
    for (query, marker_left) in
        [(&[][..], true), (&[("purge", "false")], true), (&[("purge", "true")], false)]
    {
        let world = World::new();
        world.completed("a").await;
        assert_eq!(world.call("DELETE", "/images/a", query).await.status, 204);
        assert_eq!(world.cloud.markers("a") == 1, marker_left, "{query:?}");
        world.cloud.remove_marker("a");
        assert_eq!(world.cloud.current("a").await.unwrap().is_some(), marker_left, "{query:?}");
    }
    let world = World::new();
    world.completed("a").await;
    for query in [("purge", "yes"), ("purge", ""), ("Purge", "true")] {
        assert_problem(&world.call("DELETE", "/images/a", &[query]).await, 400, "purge");
    }
    assert!(world.cloud.current("a").await.unwrap().is_some());
}

#[tokio::test]
async fn only_a_key_that_manages_processes_again_and_deletes() {
    // The requests' own key is k1a2b3.
    for (keys, allowed) in
        [("", true), ("k1a2b3", true), ("other,k1a2b3", true), ("other", false), ("k1a2b", false)]
    {
        let world = World::managed_by(keys);
        world.completed("a").await;
        let offer = [("filename", "a.jpg"), ("content_type", "image/jpeg"), ("byte_len", "10")];
        assert_eq!(world.get("/images/a").await.status, 200, "{keys}");
        assert_eq!(world.get("/images").await.status, 200, "{keys}");
        assert_eq!(world.call("GET", "/uploads", &offer).await.status, 200, "{keys}");
        let again = world.post("/executions", r#"{"key": "a"}"#).await;
        let deleted = world.call("DELETE", "/images/a", &[]).await;
        if allowed {
            assert_eq!((again.status, deleted.status), (202, 204), "{keys}");
        } else {
            assert_problem(&again, 403, "ApiManageKeys");
            assert_problem(&deleted, 403, "ApiManageKeys");
            assert!(world.cloud.get("a").await.unwrap().is_some());
            assert!(world.cloud.executions().is_empty());
        }
    }
    // A request without a key, which API Gateway would not let in.
    let world = World::managed_by("k1a2b3");
    let mut event = request("DELETE", "/images/a", &[]);
    event["requestContext"]["identity"]["apiKeyId"] = json!(null);
    assert_problem(&world.invoke(event).await, 403, "ApiManageKeys");
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_worth_another_try_and_a_fault_of_ours_is_not() {
    let world = World::new();
    world.cloud.fail("get", 1, Fault::Error);
    let unavailable = world.get("/images/a").await;
    assert_problem(&unavailable, 503, "try again");
    assert_eq!(unavailable.header("retry-after"), Some("1"));
    world.cloud.fail("get", 1, Fault::Refusal);
    let refused = world.get("/images/a").await;
    assert_problem(&refused, 500, "log");
    assert_eq!(refused.header("retry-after"), None);
    assert_eq!(refused.body["request_id"], "c6af9ac6-7b61-11e6-9a41-93e8deadbeef");
}

#[tokio::test]
async fn pages_of_a_named_origin_may_read_and_others_may_not() {
    for (origin, allowed) in [("https://pictures.example", true), ("https://evil.example", false)] {
        let mut event = request("GET", "/images/unknown", &[]);
        event["headers"]["Origin"] = origin.into();
        let answer = World::new().invoke(event).await;
        let expected = allowed.then_some(origin);
        assert_eq!(answer.header("access-control-allow-origin"), expected, "{answer:?}");
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
}
