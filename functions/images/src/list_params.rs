//! The query string of `GET /images`.

use pipeline::{
    Status, Timestamp,
    api::{Cursor, InvalidCursor, ListQuery, MAX_LIMIT},
};
use serde::Deserialize;
use serde_json::json;

use crate::Problem;

const DEFAULT_LIMIT: usize = 20;

/// Query parameters of `GET /images`, not parsed yet: parse errors then name the parameter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    status: Option<String>,
    after: Option<String>,
    before: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

impl ListParams {
    /// Parses all parameters. The first invalid one is answered with 400.
    pub(crate) fn parse(self) -> Result<ListQuery, Problem> {
        Ok(ListQuery {
            status: self.status.map(|text| parse_status(&text)).transpose()?,
            after: self.after.map(|text| parse_time("after", &text)).transpose()?,
            before: self.before.map(|text| parse_time("before", &text)).transpose()?,
            limit: self.limit.map_or(Ok(DEFAULT_LIMIT), |text| parse_limit(&text))?,
            cursor: self.cursor.map(|text| parse_cursor(&text)).transpose()?,
        })
    }
}

fn parse_status(text: &str) -> Result<Status, Problem> {
    let known = Status::ALL.iter().find(|status| status.as_str() == text);
    known.copied().ok_or_else(|| {
        let allowed = Status::ALL.map(Status::as_str);
        let detail = format!("the status '{text}' is not one of {}", allowed.join(", "));
        Problem::invalid_field("status", detail, json!(allowed), text.into())
    })
}

fn parse_time(field: &str, text: &str) -> Result<Timestamp, Problem> {
    text.parse().map_err(|error| {
        let detail = format!("{field} '{text}' is not an RFC 3339 time: {error}");
        Problem::invalid_field(field, detail, "2026-05-01T12:00:00Z".into(), text.into())
    })
}

fn parse_limit(text: &str) -> Result<usize, Problem> {
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| {
        let detail = format!("the limit '{text}' is not from 1 to {MAX_LIMIT}");
        Problem::invalid_field("limit", detail, MAX_LIMIT.into(), text.into())
    })
}

fn parse_cursor(text: &str) -> Result<Cursor, Problem> {
    text.parse().map_err(|error: InvalidCursor| {
        let allowed = "the cursor of an earlier response";
        Problem::invalid_field("cursor", error.to_string(), allowed.into(), text.into())
    })
}
