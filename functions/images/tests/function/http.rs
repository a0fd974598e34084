//! The HTTP API as clients see it.

use pipeline::{
    Failure,
    ports::{Records, Sources},
    testing::Fault,
};
use serde_json::json;

use crate::support::{Response, TestFunction, request};

fn assert_problem(response: &Response, status: u64, detail: &str) {
    assert_eq!(response.status, status, "{response:?}");
    assert_eq!(response.header("content-type"), Some("application/problem+json"), "{response:?}");
    assert_eq!(response.body["status"], status, "{response:?}");
    for member in ["type", "title", "request_id"] {
        assert!(response.body[member].is_string(), "{member}: {response:?}");
    }
    let found = response.body["detail"].as_str().unwrap();
    assert!(found.contains(detail), "{detail}: {response:?}");
}

#[tokio::test]
async fn health_returns_the_version() {
    let response = TestFunction::new().get("/health").await;
    assert_eq!(response.status, 200);
    assert_eq!(response.body, json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}));
}

#[tokio::test]
async fn a_key_in_the_path_is_decoded_once_and_not_normalised() {
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
        let function = TestFunction::new();
        function.add_completed(key).await;
        let response = function.get(path).await;
        assert_eq!((response.status, &response.body["key"]), (200, &json!(key)), "{path}: {response:?}");
    }
}

#[tokio::test]
async fn an_invalid_key_is_a_bad_request() {
    let function = TestFunction::new();
    assert_problem(&function.get("/images/%FF").await, 400, "not UTF-8");
    let long = format!("/images/{}", "k".repeat(1025));
    assert_problem(&function.get(&long).await, 400, "1025 bytes");
    assert_problem(&function.call("DELETE", &long, &[]).await, 400, "1025 bytes");
    let body = json!({"key": "k".repeat(1025)}).to_string();
    assert_problem(&function.post("/executions", &body).await, 400, "1025 bytes");
}

#[tokio::test]
async fn polling_returns_304_until_the_record_changes() {
    let function = TestFunction::new();
    function.add_processing("a").await;
    let first = function.get("/images/a").await;
    assert_eq!((first.status, first.header("retry-after")), (200, Some("1")));
    let poll = async |etag: &str| {
        let mut event = request("GET", "/images/a", &[]);
        event["headers"]["If-None-Match"] = etag.into();
        function.send(event).await
    };
    let etag = first.header("etag").unwrap();
    let same = poll(&format!("\"other\", {etag}")).await;
    assert_eq!((same.status, &same.body, same.header("etag")), (304, &json!(null), Some(etag)));
    assert_eq!(poll("*").await.status, 304);
    function.add_completed("a").await;
    let done = poll(etag).await;
    assert_eq!((done.status, done.header("retry-after")), (200, None));
    assert_ne!(done.header("etag"), Some(etag));
}

#[tokio::test]
async fn an_unprocessed_upload_has_retry_after_and_an_unknown_key_has_not() {
    let function = TestFunction::new();
    function.cloud.put_source("new", Some("v1"), b"picture".to_vec());
    let arriving = function.get("/images/new").await;
    assert_problem(&arriving, 404, "not processed yet");
    assert_eq!(arriving.header("retry-after"), Some("1"));
    let unknown = function.get("/images/unknown").await;
    assert_problem(&unknown, 404, "'unknown'");
    assert_eq!(unknown.header("retry-after"), None);
}

#[tokio::test]
async fn a_cursor_continues_a_list() {
    let function = TestFunction::new();
    for key in ["a", "b", "c"] {
        function.add_completed(key).await;
    }
    let first = function.call("GET", "/images", &[("limit", "2"), ("status", "completed")]).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.body["images"][1]["key"], "b");
    assert!(first.body["images"][0]["renditions"][0]["url"].is_string());
    let cursor = first.body["cursor"].as_str().unwrap();
    let second = function.call("GET", "/images", &[("limit", "2"), ("cursor", cursor)]).await;
    assert_eq!(second.body["images"][0]["key"], "c");
    assert!(second.body.get("cursor").is_none());
}

#[tokio::test]
async fn an_invalid_list_parameter_is_a_bad_request_that_says_what_is_allowed() {
    let function = TestFunction::new();
    for (name, value, detail) in [
        ("limit", "0", "'0' is not from 1 to 100"),
        ("limit", "101", "'101'"),
        ("limit", "-1", "'-1'"),
        ("limit", "many", "'many'"),
        ("status", "done", "not one of processing, failed, rejected, completed"),
        ("after", "yesterday", "'yesterday' is not an RFC 3339 time"),
        ("before", "2026-13-01T00:00:00Z", "RFC 3339"),
        ("after", "9999-12-31T23:59:59-23:59", "the year is not from 0000 to 9999"),
        ("before", "0000-01-01T00:00:00+23:59", "the year is not from 0000 to 9999"),
        ("cursor", "eyJ2IjoyfQ", "was not returned by a list"),
        ("order", "asc", "unknown field `order`"),
    ] {
        let response = function.call("GET", "/images", &[(name, value)]).await;
        assert_problem(&response, 400, detail);
    }
    let response = function.call("GET", "/images", &[("after", "9999-12-31T23:59:59-23:59")]).await;
    assert_eq!(response.body["field"], "after");
    let response = function.call("GET", "/images", &[("limit", "0")]).await;
    let [field, limit, value] = ["field", "limit", "value"].map(|name| response.body[name].clone());
    assert_eq!((field, limit, value), (json!("limit"), json!(100), json!("0")));
}

#[tokio::test]
async fn a_failure_shows_clients_no_roles_and_accounts() {
    let cause = "User: arn:aws:sts::123456789012:assumed-role/darkroom-dev-ResizeFunctionRole-1A2B/darkroom-dev-Resize is \
                 not authorized to perform: s3:PutObject";
    let names = ["ABORTED", "TIMED_OUT", "States.Timeout", "Lambda.Unknown", "of an operator"];
    for error in Failure::NAMES.into_iter().chain(names) {
        let function = TestFunction::new();
        function.add_failed("a", error, cause).await;
        for response in [function.get("/images/a").await.body, function.get("/images").await.body] {
            let record = if response["images"].is_array() { &response["images"][0] } else { &response };
            assert_eq!(record["failure"]["error"], error, "{response}");
            assert!(!record["failure"]["cause"].as_str().unwrap().is_empty(), "{response}");
            for secret in ["123456789012", "Role", "arn:"] {
                assert!(!record["failure"].to_string().contains(secret), "{secret}: {response}");
            }
        }
        let stored = function.cloud.get("a").await.unwrap().unwrap().failure.unwrap();
        assert_eq!(stored.cause, cause, "the record keeps the cause for operators");
    }
}

#[tokio::test]
async fn a_presigned_url_is_created_from_a_body_and_from_a_query() {
    let function = TestFunction::new();
    let body = json!({"filename": "a.jpg", "content_type": "image/jpeg", "byte_len": 10});
    let created = function.post("/uploads", &body.to_string()).await;
    assert_eq!(created.status, 201, "{created:?}");
    let query = [("filename", "a + b.jpg"), ("content_type", "image/jpeg"), ("byte_len", "10"), ("profile", "widths")];
    let from_query = function.call("GET", "/uploads", &query).await;
    assert_eq!(from_query.status, 200, "{from_query:?}");
    let key = from_query.body["key"].as_str().unwrap();
    assert!(key.starts_with("widths/") && key.ends_with("/a + b.jpg"), "{key}");
    for member in ["url", "headers", "expires_at"] {
        assert!(from_query.body.get(member).is_some(), "{member}");
    }
}

#[tokio::test]
async fn an_invalid_upload_lists_all_invalid_fields() {
    let body = json!({"filename": "", "content_type": "image/svg+xml", "byte_len": 100_000_001});
    let response = TestFunction::new().post("/uploads", &body.to_string()).await;
    assert_problem(&response, 400, "100000001");
    let errors = response.body["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 3);
    assert_eq!(
        errors[1],
        json!({"field": "byte_len", "detail": errors[1]["detail"], "limit": 100_000_000, "value": 100_000_001})
    );
}

#[tokio::test]
async fn an_unreadable_body_is_a_bad_request_that_says_why() {
    let function = TestFunction::new();
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
        assert_problem(&function.post("/executions", body).await, 400, detail);
    }
    let mut event = request("POST", "/executions", &[]);
    event["body"] = r#"{"key": "a"}"#.into();
    assert_problem(&function.send(event).await, 400, "application/json");
    assert!(function.cloud.executions().is_empty());
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_problems() {
    let function = TestFunction::new();
    assert_problem(&function.get("/").await, 404, "nothing at /");
    assert_problem(&function.get("/pictures").await, 404, "/pictures");
    assert_problem(&function.post("/executions", r#"{"key": "a"}"#).await, 404, "'a'");
    for (method, path) in [("PUT", "/uploads"), ("POST", "/images/a"), ("GET", "/executions")] {
        let response = function.call(method, path, &[]).await;
        assert_problem(&response, 405, method);
        assert!(response.header("allow").is_some(), "{response:?}");
    }
}

#[tokio::test]
async fn responses_with_urls_forbid_caching() {
    let function = TestFunction::new();
    function.add_completed("a").await;
    let query = [("filename", "a.jpg"), ("content_type", "image/jpeg"), ("byte_len", "10")];
    let body = json!({"filename": "a.jpg", "content_type": "image/jpeg", "byte_len": 10});
    for (response, expected) in [
        (function.get("/images").await, "no-store"),
        (function.call("GET", "/uploads", &query).await, "no-store"),
        (function.post("/uploads", &body.to_string()).await, "no-store"),
        (function.post("/executions", r#"{"key": "a"}"#).await, "no-store"),
        (function.get("/images/unknown").await, "no-store"),
        (function.get("/images?limit=0").await, "no-store"),
        (function.get("/images/a").await, "private, no-cache"),
    ] {
        assert_eq!(response.header("cache-control"), Some(expected), "{response:?}");
    }
}

#[tokio::test]
async fn deleting_twice_succeeds() {
    let function = TestFunction::new();
    function.add_completed("a b").await;
    for _ in 0..2 {
        let response = function.call("DELETE", "/images/a%20b", &[]).await;
        assert_eq!((response.status, response.body), (204, json!(null)));
    }
    assert_eq!(function.cloud.get("a b").await.unwrap(), None);
}

#[tokio::test]
async fn deleting_keeps_the_sources_versions_unless_purge_is_true() {
    for (query, marker_left) in [(&[][..], true), (&[("purge", "false")], true), (&[("purge", "true")], false)] {
        let function = TestFunction::new();
        function.add_completed("a").await;
        assert_eq!(function.call("DELETE", "/images/a", query).await.status, 204);
        assert_eq!(function.cloud.delete_markers("a") == 1, marker_left, "{query:?}");
        function.cloud.remove_delete_marker("a");
        assert_eq!(function.cloud.current_version("sources", "a").await.unwrap().is_some(), marker_left, "{query:?}");
    }
    let function = TestFunction::new();
    function.add_completed("a").await;
    for query in [("purge", "yes"), ("purge", ""), ("Purge", "true")] {
        assert_problem(&function.call("DELETE", "/images/a", &[query]).await, 400, "purge");
    }
    assert!(function.cloud.current_version("sources", "a").await.unwrap().is_some());
}

#[tokio::test]
async fn only_manage_keys_may_process_again_and_delete() {
    // The requests have the API key k1a2b3.
    for (keys, allowed) in [("", true), ("k1a2b3", true), ("other,k1a2b3", true), ("other", false), ("k1a2b", false)] {
        let function = TestFunction::with_manage_keys(keys);
        function.add_completed("a").await;
        let query = [("filename", "a.jpg"), ("content_type", "image/jpeg"), ("byte_len", "10")];
        assert_eq!(function.get("/images/a").await.status, 200, "{keys}");
        assert_eq!(function.get("/images").await.status, 200, "{keys}");
        assert_eq!(function.call("GET", "/uploads", &query).await.status, 200, "{keys}");
        let reprocessed = function.post("/executions", r#"{"key": "a"}"#).await;
        let deleted = function.call("DELETE", "/images/a", &[]).await;
        if allowed {
            assert_eq!((reprocessed.status, deleted.status), (202, 204), "{keys}");
        } else {
            assert_problem(&reprocessed, 403, "ApiManageKeys");
            assert_problem(&deleted, 403, "ApiManageKeys");
            assert!(function.cloud.get("a").await.unwrap().is_some());
            assert!(function.cloud.executions().is_empty());
        }
    }
    // A request without a key. API Gateway would refuse it.
    let function = TestFunction::with_manage_keys("k1a2b3");
    let mut event = request("DELETE", "/images/a", &[]);
    event["requestContext"]["identity"]["apiKeyId"] = json!(null);
    assert_problem(&function.send(event).await, 403, "ApiManageKeys");
}

#[tokio::test]
async fn a_problem_has_the_members_of_rfc_9457() {
    let response = TestFunction::new().get("/images/unknown").await;
    let expected = json!({
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "there is no picture with the key 'unknown'",
        "key": "unknown",
        "request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    });
    assert_eq!(response.body, expected);
}

#[tokio::test]
async fn an_unavailable_service_has_retry_after_and_an_internal_error_has_not() {
    let function = TestFunction::new();
    function.cloud.fail("get", 1, Fault::Error);
    let unavailable = function.get("/images/a").await;
    assert_problem(&unavailable, 503, "try again");
    assert_eq!(unavailable.header("retry-after"), Some("1"));
    function.cloud.fail("get", 1, Fault::Refusal);
    let refused = function.get("/images/a").await;
    assert_problem(&refused, 500, "log");
    assert_eq!(refused.header("retry-after"), None);
    assert_eq!(refused.body["request_id"], "c6af9ac6-7b61-11e6-9a41-93e8deadbeef");
}

#[tokio::test]
async fn only_pages_of_configured_origins_may_read_responses() {
    for (origin, allowed) in [("https://pictures.example", true), ("https://evil.example", false)] {
        let mut event = request("GET", "/images/unknown", &[]);
        event["headers"]["Origin"] = origin.into();
        let response = TestFunction::new().send(event).await;
        let expected = allowed.then_some(origin);
        assert_eq!(response.header("access-control-allow-origin"), expected, "{response:?}");
        let exposed = allowed.then_some("ETag, Location, Retry-After");
        assert_eq!(response.header("access-control-expose-headers"), exposed);
        assert_eq!(response.header("vary"), Some("Origin"));
    }
    let preflight = TestFunction::new().call("OPTIONS", "/images", &[]).await;
    assert_problem(&preflight, 405, "OPTIONS");
}
