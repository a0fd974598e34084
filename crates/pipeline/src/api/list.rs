//! Lists pictures page by page, newest first.

use std::collections::HashMap;

use super::Cursor;
use crate::{
    Record, Result, Status, Timestamp,
    ports::{Records, TimeRange},
};

/// Maximum number of records on a page.
pub const MAX_LIMIT: usize = 100;

/// Which pictures to list, and how many.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Only pictures with this status.
    pub status: Option<Status>,
    /// Only pictures that S3 received at this time or later.
    pub after: Option<Timestamp>,
    /// Only pictures that S3 received before this time.
    pub before: Option<Timestamp>,
    /// Records per page, from 1 to [`MAX_LIMIT`].
    pub limit: usize,
    /// Where the previous page ended.
    pub cursor: Option<Cursor>,
}

/// One page of a list: newest first; records of the same time are sorted by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// Where the next page begins; none on the last page.
    pub cursor: Option<Cursor>,
}

/// Lists one page.
///
/// A caller who follows the cursors to the end sees each record exactly once. A picture that is uploaded in the
/// meantime is newer than the first page, and changes no later page.
///
/// # Errors
/// If the port fails.
pub async fn list(query: ListQuery, records: &impl Records) -> Result<Page> {
    // One more than the page shows whether there is a next page.
    let wanted = query.limit + 1;
    let mut found = HashMap::new();
    for range in query.time_ranges() {
        let missing = wanted.saturating_sub(found.len());
        if missing == 0 {
            break;
        }
        // Each status may have all of the newest records, so that many are read of each. S3's times are in whole
        // seconds: a bulk upload has many records of the same time, and the index returns those in no particular order.
        // Therefore `list_newest` returns all records of a time, and they are sorted here.
        for status in query.statuses() {
            let listed = records.list_newest(*status, range, missing).await?;
            let matching = listed.into_iter().filter(|record| query.matches(record));
            // A record whose status changes between two queries is found twice. The later one replaces the first.
            found.extend(matching.map(|record| (record.key.clone(), record)));
        }
    }
    let mut records: Vec<Record> = found.into_values().collect();
    records.sort_by(|a, b| (b.upload.received_at, &a.key).cmp(&(a.upload.received_at, &b.key)));
    let has_next_page = records.len() > query.limit;
    records.truncate(query.limit);
    let cursor = records.last().filter(|_| has_next_page).map(Cursor::after);
    Ok(Page { records, cursor })
}

impl ListQuery {
    /// The rest of the time at which the previous page ended, and then everything before it.
    fn time_ranges(&self) -> Vec<TimeRange> {
        let to = self.before.map(Timestamp::just_before);
        let Some(cursor) = &self.cursor else { return vec![TimeRange { from: self.after, to }] };
        let older = cursor.received_at.just_before();
        let older = to.map_or(older, |to| to.min(older));
        vec![TimeRange::at(cursor.received_at), TimeRange { from: self.after, to: Some(older) }]
    }

    fn statuses(&self) -> &[Status] {
        self.status.as_ref().map_or(&Status::ALL, std::slice::from_ref)
    }

    fn matches(&self, record: &Record) -> bool {
        let received_at = record.upload.received_at;
        self.cursor.as_ref().is_none_or(|cursor| cursor.precedes(record))
            && self.after.is_none_or(|after| after <= received_at)
            && self.before.is_none_or(|before| received_at < before)
    }
}
