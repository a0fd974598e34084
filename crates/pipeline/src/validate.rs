//! The use case behind `Validate Upload`: open the record, read the header, decide.
//!
//! It reads the header only, never the pixels: a 100 MB picture costs as little as a small one.

use std::ops::Range;

use imaging::{Header, HeaderReader, HeaderStep, Rejection, RejectionCode, RenditionSpec, ResolvedSpec};

use crate::{
    Picture, Profile, Record, RejectionNote, Result, Settings, UploadFacts, is_blank_key,
    messages::{Destination, ResizeJob, SourceObject, Upload, Verdict},
    model::is_folder_marker,
    ports::{OpenResult, Records, Sources},
};

/// Decides whether an upload is rendered, and into which renditions.
///
/// # Errors
/// If a port fails, or the source is gone. A refused picture is a [`Verdict`].
pub async fn validate(
    upload: Upload,
    settings: &Settings,
    sources: &impl Sources,
    records: &impl Records,
) -> Result<Verdict> {
    let (name, profile) = settings.profiles.for_key(&upload.detail.object.key);
    let picture = upload.into_picture(name);
    // The rule matches no folder marker, but executions are also started by hand.
    if is_folder_marker(&picture.key, picture.upload.byte_len) {
        return Ok(Verdict::Ignored { picture });
    }

    // Opened before the source is read: a superseded event costs no read, and the API shows the picture from now on.
    let record = Record::processing(&picture, settings.retention);
    if records.open(&record).await? == OpenResult::Superseded {
        return Ok(Verdict::Superseded { picture });
    }
    if is_blank_key(&picture.key) {
        let message = "the key has only white space, and cannot be read".to_owned();
        let rejection = RejectionNote { code: RejectionCode::UnsupportedKey, message };
        return Ok(Verdict::Rejected { picture, rejection });
    }
    Ok(match inspect(&picture, profile, sources).await? {
        Ok(header) => {
            let jobs = jobs(&picture, &header, profile, &settings.destination_bucket);
            Verdict::Accepted { picture: picture.with_header(&header), jobs }
        }
        Err(rejection) => Verdict::Rejected { picture, rejection: rejection.into() },
    })
}

/// Judges the length, then reads the header and judges that.
async fn inspect(picture: &Picture, profile: &Profile, sources: &impl Sources) -> Result<Result<Header, Rejection>> {
    let byte_len = picture.upload.byte_len;
    // The event states the length, so a file that is too long costs no read.
    if let Err(rejection) = profile.policy.judge_byte_len(byte_len) {
        return Ok(Err(rejection));
    }
    let header = read_header(&picture.into(), byte_len, sources).await?;
    Ok(header.and_then(|header| profile.judge(&header, byte_len).map(|()| header)))
}

/// Reads as much of the source as its header needs.
async fn read_header(
    source: &SourceObject,
    byte_len: u64,
    sources: &impl Sources,
) -> Result<Result<Header, Rejection>> {
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

/// One job per rendition of the profile.
fn jobs(picture: &Picture, header: &Header, profile: &Profile, destination_bucket: &str) -> Vec<ResizeJob> {
    let job = |spec: &RenditionSpec| {
        let spec = ResolvedSpec::new(spec.clone(), header.format);
        let UploadFacts { etag, version_id, execution, .. } = &picture.upload;
        let key = imaging::rendition_key(&picture.key, etag, version_id.as_deref(), &spec);
        ResizeJob {
            source: picture.into(),
            spec,
            damaged: profile.damaged,
            destination: Destination { bucket: destination_bucket.to_owned(), key },
            execution: execution.clone(),
        }
    };
    profile.renditions.iter().map(job).collect()
}
