//! The use case behind `Validate Upload`: open the record, read the header, decide.
//!
//! It never reads pixels, and of a 100 MB picture no more than its header.

use std::ops::Range;

use imaging::{Header, HeaderReader, HeaderStep, Rejection, RenditionSpec, ResolvedSpec};

use crate::{
    Failure, Picture, Profile, Record, Rules,
    messages::{Destination, ResizeJob, Source, Upload, Verdict},
    ports::{Opening, Records, Sources},
};

/// Decides whether an upload is rendered, and into what.
///
/// # Errors
/// When a port fails, or the source is gone. A refused picture is a [`Verdict`].
pub async fn validate(
    upload: Upload,
    rules: &Rules,
    sources: &impl Sources,
    records: &impl Records,
) -> Result<Verdict, Failure> {
    let (name, profile) = rules.profiles.for_key(&upload.detail.object.key);
    let picture = Picture::of(upload, name);

    let record = Record::opened(&picture, rules.retention);
    if records.open(&record).await? == Opening::Superseded {
        return Ok(Verdict::Superseded { picture });
    }
    Ok(match inspect(&picture, profile, sources).await? {
        Ok(header) => {
            let jobs = jobs(&picture, &header, profile, &rules.destination_bucket);
            Verdict::Accepted { picture: picture.with_header(&header), jobs }
        }
        Err(rejection) => Verdict::Rejected { picture, rejection: rejection.into() },
    })
}

async fn inspect(
    picture: &Picture,
    profile: &Profile,
    sources: &impl Sources,
) -> Result<Result<Header, Rejection>, Failure> {
    if let Err(rejection) = profile.policy.judge_byte_len(picture.byte_len) {
        return Ok(Err(rejection));
    }
    let header = read_header(&picture.source(), picture.byte_len, sources).await?;
    let judged = |header| profile.judge(&header, picture.byte_len).map(|()| header);
    Ok(header.and_then(judged))
}

async fn read_header(
    source: &Source,
    byte_len: u64,
    sources: &impl Sources,
) -> Result<Result<Header, Rejection>, Failure> {
    let mut reader = HeaderReader::new(byte_len);
    loop {
        match reader.next_step() {
            Err(rejection) => return Ok(Err(rejection)),
            Ok(HeaderStep::Complete(header)) => return Ok(Ok(header)),
            Ok(HeaderStep::Read(Range { start, end })) => {
                reader.append(&sources.read_range(source, start, end).await?);
            }
        }
    }
}

fn jobs(
    picture: &Picture,
    header: &Header,
    profile: &Profile,
    destination_bucket: &str,
) -> Vec<ResizeJob> {
    let job = |spec: &RenditionSpec| {
        let spec = ResolvedSpec::new(spec.clone(), header.format);
        let version = picture.version_id.as_deref();
        let key = imaging::rendition_key(&picture.key, &picture.etag, version, &spec);
        ResizeJob {
            source: picture.source(),
            spec,
            destination: Destination { bucket: destination_bucket.to_owned(), key },
            execution: picture.execution.clone(),
        }
    };
    profile.renditions.iter().map(job).collect()
}

impl Picture {
    /// What is to be read.
    pub fn source(&self) -> Source {
        Source {
            bucket: self.bucket.clone(),
            key: self.key.clone(),
            version_id: self.version_id.clone(),
            etag: self.etag.clone(),
        }
    }
}
