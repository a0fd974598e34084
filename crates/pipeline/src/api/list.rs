//! Which pictures are there? A page of them, newest first.

use std::collections::HashMap;

use super::Cursor;
use crate::{
    Failure, Record, Status, Timestamp,
    ports::{Catalogue, Window},
};

/// The most that a page holds.
pub const MAX_LIMIT: usize = 100;

/// Which pictures, and how many.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Those of this status only.
    pub status: Option<Status>,
    /// Those that S3 had taken at this moment or later.
    pub after: Option<Timestamp>,
    /// Those that S3 had taken before this moment.
    pub before: Option<Timestamp>,
    /// How many, from 1 to [`MAX_LIMIT`].
    pub limit: usize,
    /// Where the page before this one ended.
    pub cursor: Option<Cursor>,
}

/// Some records, newest first, and those of one moment by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// Where the next page begins, if there is one.
    pub cursor: Option<Cursor>,
}

/// Lists pictures. Whoever follows the cursors to the end gets every record that was there from
/// first to last, once; what arrives meanwhile is newer, and moves nothing.
///
/// # Errors
/// When the port fails.
pub async fn list(query: ListQuery, catalogue: &impl Catalogue) -> Result<Page, Failure> {
    let one_more = query.limit + 1;
    let mut found = HashMap::new();
    for window in query.windows() {
        // Of each status as many as are missing in all: any of them may have the newest.
        let missing = one_more.saturating_sub(found.len());
        if missing == 0 {
            break;
        }
        // S3 tells its events to the second: whoever uploads in bulk has many of one moment, and
        // the index gives those in no order of ours. So a moment is read whole, and sorted here.
        for status in query.statuses() {
            let records = catalogue.newest(*status, window, missing).await?;
            let rest = records.into_iter().filter(|record| query.asks_for(record));
            // A record that moved on between two statuses is found in both; the later one is true.
            found.extend(rest.map(|record| (record.key.clone(), record)));
        }
    }
    let mut records: Vec<Record> = found.into_values().collect();
    records.sort_by(|a, b| (b.received_at, &a.key).cmp(&(a.received_at, &b.key)));
    let more = records.len() > query.limit;
    records.truncate(query.limit);
    let cursor = records.last().filter(|_| more).map(Cursor::at);
    Ok(Page { records, cursor })
}

impl ListQuery {
    /// What is left of the moment at which the last page ended, and then everything before it.
    fn windows(&self) -> Vec<Window> {
        let to = self.before.map(Timestamp::just_before);
        let Some(cursor) = &self.cursor else { return vec![Window { from: self.after, to }] };
        let older = cursor.received_at.just_before();
        let older = to.map_or(older, |to| to.min(older));
        vec![Window::moment(cursor.received_at), Window { from: self.after, to: Some(older) }]
    }

    fn statuses(&self) -> &[Status] {
        self.status.as_ref().map_or(&Status::ALL, std::slice::from_ref)
    }

    fn asks_for(&self, record: &Record) -> bool {
        self.cursor.as_ref().is_none_or(|cursor| cursor.precedes(record))
            && self.after.is_none_or(|after| after <= record.received_at)
            && self.before.is_none_or(|before| record.received_at < before)
    }
}
