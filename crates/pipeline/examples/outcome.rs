//! What becomes of one file: validated, and rendered job by job, as the functions do it, with this
//! machine's disk in S3's place. The last line that it prints says so in JSON.
//!
//! usage: outcome FILE; configured by the variables of the validate function
//!
//! It limits neither memory nor time: whoever runs it does, and sees it end where the functions
//! would.

use std::{
    env,
    fs::{self, File},
    future::Future,
    io::{self, Read, Seek, SeekFrom},
    path::PathBuf,
    pin::Pin,
    sync::atomic::{AtomicU32, Ordering},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use imaging::{HeaderReader, RenditionSpec};
use pipeline::{
    Failure, Rejection,
    lambda::config::ValidateConfig,
    messages::{Destination, Source, Upload, Verdict},
    ports::{Body, NewRendition, Renditions, Sources},
    resize,
    testing::Cloud,
    validate,
};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, ReadBuf};

/// The resize function's, of the template.
const TIMEOUT: Duration = Duration::from_secs(120);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let disk = Disk::holding(env::args_os().nth(1).expect("usage: outcome FILE"));
    let mut longest = Longest::default();
    let mut memory = Memory::default();
    let outcome = outcome(&disk, &mut longest, &mut memory).await.unwrap_or_else(
        |failure| json!({"outcome": "failed", "code": failure.name(), "message": failure.chain()}),
    );
    let requests = disk.requests.load(Ordering::Relaxed);
    let cost = json!({
        "requests": requests,
        "longest_ms": longest.ms,
        "peak_kib": memory.peak_kib.max(status_kib("VmHWM:")),
        "taken_kib": memory.taken_kib,
        "estimate_kib": memory.estimate / 1024,
    });
    println!("{}", json!({"result": outcome, "cost": cost}));
}

/// What rendering took, and what it was to take.
#[derive(Default)]
struct Memory {
    /// What the process held at once.
    peak_kib: u64,
    /// What one rendition took, at the most, beside what the process held before it.
    taken_kib: u64,
    /// Bytes that the most demanding rendition is estimated to take.
    estimate: u64,
}

impl Memory {
    /// Begins the kernel's high-water mark anew (proc(5)), and says what is held.
    fn begin(&mut self) -> u64 {
        self.peak_kib = self.peak_kib.max(status_kib("VmHWM:"));
        let _ = fs::write("/proc/self/clear_refs", "5");
        status_kib("VmRSS:")
    }

    fn end(&mut self, before_kib: u64) {
        self.taken_kib = self.taken_kib.max(status_kib("VmHWM:").saturating_sub(before_kib));
    }
}

async fn outcome(
    disk: &Disk,
    longest: &mut Longest,
    memory: &mut Memory,
) -> Result<Value, Failure> {
    let config = ValidateConfig::read(|name| env::var(name).ok());
    let config = config.unwrap_or_else(|error| panic!("{error}"));
    let records = Cloud::default();
    let validated = validate(disk.upload(), &config.rules, disk, &records);
    let jobs = match longest.time(validated).await? {
        Verdict::Accepted { jobs, .. } => jobs,
        Verdict::Rejected { rejection, .. } => return Ok(rejected(&rejection)),
        Verdict::Superseded { .. } => panic!("nobody else is here"),
    };
    let estimates = jobs.iter().filter_map(|job| disk.estimate(job.spec.as_spec()));
    memory.estimate = estimates.max().unwrap_or(0);
    let mut rejection = None;
    for job in jobs {
        let before_kib = memory.begin();
        let resized = longest.time(resize(job, TIMEOUT, disk, disk)).await;
        memory.end(before_kib);
        let resized = resized?;
        rejection = rejection.or(resized.rejection());
    }
    Ok(rejection.map_or_else(|| json!({"outcome": "completed"}), |found| rejected(&found)))
}

fn rejected(rejection: &Rejection) -> Value {
    json!({"outcome": "rejected", "code": rejection.code, "message": rejection.message})
}

/// The longest of all invocations.
#[derive(Default)]
struct Longest {
    ms: u128,
}

impl Longest {
    async fn time<T>(&mut self, invocation: impl Future<Output = T>) -> T {
        let start = Instant::now();
        // Boxed: of a size that a stack has no place for.
        let done = Box::pin(invocation).await;
        self.ms = self.ms.max(start.elapsed().as_millis());
        done
    }
}

/// One file, which is every source; renditions are read to their end and forgotten.
struct Disk {
    file: PathBuf,
    byte_len: u64,
    /// How often somebody wanted some of it.
    requests: AtomicU32,
}

impl Disk {
    fn holding(file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        let byte_len = fs::metadata(&file).expect("the file is there").len();
        Disk { file, byte_len, requests: AtomicU32::new(0) }
    }

    fn upload(&self) -> Upload {
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let object = json!({"key": name, "size": self.byte_len, "etag": "e", "sequencer": "01"});
        let upload = json!({
            "detail": {"bucket": {"name": "sources"}, "object": object},
            "execution": "this",
            "received_at": "2026-05-01T12:00:00Z",
        });
        serde_json::from_value(upload).expect("an upload")
    }

    /// What rendering it takes, by as much of it as validate reads.
    fn estimate(&self, spec: &RenditionSpec) -> Option<u64> {
        let mut file = File::open(&self.file).ok()?;
        let header = HeaderReader::new(self.byte_len).read_header(&mut file).ok()?;
        Some(imaging::memory_needed(&header, self.byte_len, spec))
    }

    fn open(&self) -> Result<File, Failure> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        File::open(&self.file).map_err(unavailable)
    }
}

impl Sources for Disk {
    async fn read_range(&self, _: &Source, start: u64, end: u64) -> Result<Vec<u8>, Failure> {
        let (mut file, mut range) = (self.open()?, Vec::new());
        file.seek(SeekFrom::Start(start)).map_err(unavailable)?;
        file.take(end - start).read_to_end(&mut range).map_err(unavailable)?;
        Ok(range)
    }

    async fn read_all(&self, _: &Source) -> Result<Body, Failure> {
        Ok(Box::new(Blocking(self.open()?)))
    }
}

fn unavailable(error: io::Error) -> Failure {
    Failure::DependencyUnavailable { call: "the disk", source: error.into() }
}

/// A file, at once: a disk is waited for as a decoder is.
struct Blocking(File);

impl AsyncRead for Blocking {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut piece = vec![0; buffer.remaining().min(64 * 1024)];
        let len = self.0.read(&mut piece)?;
        buffer.put_slice(&piece[..len]);
        Poll::Ready(Ok(()))
    }
}

impl Renditions for Disk {
    async fn put(&self, new: NewRendition, mut bytes: Body) -> Result<(), Failure> {
        let read = tokio::io::copy(&mut bytes, &mut tokio::io::sink()).await;
        let broken_off = |source: io::Error| Failure::RenderFailed {
            rendition: new.destination.key,
            source: source.into(),
        };
        read.map(drop).map_err(broken_off)
    }

    async fn tag_superseded(&self, _: &Destination) -> Result<(), Failure> {
        Ok(())
    }

    async fn untag_superseded(&self, _: &Destination) -> Result<(), Failure> {
        Ok(())
    }
}

/// Of the kernel's books on this process; 0 where it keeps none.
fn status_kib(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|line| line.strip_prefix(field));
    found.and_then(|kib| kib.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}
