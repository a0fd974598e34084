//! Validates one file and renders it job by job, like the functions, but with the local disk instead of S3. The last
//! line of the output is the outcome and its cost, as JSON.
//!
//! usage: outcome FILE; configured by the environment variables of the validate function
//!
//! It limits neither memory nor time: its caller does.

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
    Failure, RejectionNote,
    lambda::config::ValidateConfig,
    messages::{Destination, SourceObject, Upload, Verdict},
    ports::{ByteReader, NewRendition, PresignTerms, PresignedPut, Renditions, SourceVersion, Sources},
    resize,
    testing::InMemoryCloud,
    validate,
};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, ReadBuf};

/// Timeout of the resize function in the template.
const TIMEOUT: Duration = Duration::from_secs(120);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let disk = Disk::new(env::args_os().nth(1).expect("usage: outcome FILE"));
    let mut longest = LongestInvocation::default();
    let mut memory = Memory::default();
    let outcome = outcome(&disk, &mut longest, &mut memory)
        .await
        .unwrap_or_else(|failure| json!({"outcome": "failed", "code": failure.name(), "message": failure.chain()}));
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

/// Measured and estimated memory.
#[derive(Default)]
struct Memory {
    /// Peak of the process.
    peak_kib: u64,
    /// Maximum that one rendition added to the memory of the process.
    taken_kib: u64,
    /// Maximum of the estimates for the renditions, in bytes.
    estimate: u64,
}

impl Memory {
    /// Resets the kernel's peak (proc(5)); returns the current memory of the process.
    fn reset_peak(&mut self) -> u64 {
        self.peak_kib = self.peak_kib.max(status_kib("VmHWM:"));
        let _ = fs::write("/proc/self/clear_refs", "5");
        status_kib("VmRSS:")
    }

    fn measure(&mut self, before_kib: u64) {
        self.taken_kib = self.taken_kib.max(status_kib("VmHWM:").saturating_sub(before_kib));
    }
}

async fn outcome(disk: &Disk, longest: &mut LongestInvocation, memory: &mut Memory) -> Result<Value, Failure> {
    let config = ValidateConfig::read(|name| env::var(name).ok());
    let config = config.unwrap_or_else(|error| panic!("{error}"));
    let records = InMemoryCloud::default();
    let validated = validate(disk.upload(), &config.settings, disk, &records);
    let jobs = match longest.time(validated).await? {
        Verdict::Accepted { jobs, .. } => jobs,
        Verdict::Rejected { rejection, .. } => return Ok(rejected(&rejection)),
        Verdict::Superseded { .. } => panic!("there is no other upload"),
        Verdict::Ignored { .. } => panic!("the file is not empty"),
    };
    let estimates = jobs.iter().filter_map(|job| disk.estimate(job.spec.as_spec()));
    memory.estimate = estimates.max().unwrap_or(0);
    let mut rejection = None;
    for job in jobs {
        let before_kib = memory.reset_peak();
        let result = longest.time(resize(job, TIMEOUT, disk, disk)).await;
        memory.measure(before_kib);
        rejection = rejection.or(result?.rejection());
    }
    Ok(rejection.map_or_else(|| json!({"outcome": "completed"}), |note| rejected(&note)))
}

fn rejected(rejection: &RejectionNote) -> Value {
    json!({"outcome": "rejected", "code": rejection.code, "message": rejection.message})
}

/// The time of the longest invocation.
#[derive(Default)]
struct LongestInvocation {
    ms: u128,
}

impl LongestInvocation {
    async fn time<T>(&mut self, invocation: impl Future<Output = T>) -> T {
        let start = Instant::now();
        // Boxed: the future is too large for the stack.
        let output = Box::pin(invocation).await;
        self.ms = self.ms.max(start.elapsed().as_millis());
        output
    }
}

/// One file, which is every source. Renditions are read to their end and dropped.
struct Disk {
    file: PathBuf,
    byte_len: u64,
    /// Number of reads of the file.
    requests: AtomicU32,
}

impl Disk {
    fn new(file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        let byte_len = fs::metadata(&file).expect("the file exists").len();
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

    /// The memory that one rendition is estimated to need, in bytes.
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
    async fn read_range(&self, _: &SourceObject, start: u64, end: u64) -> Result<Vec<u8>, Failure> {
        let (mut file, mut range) = (self.open()?, Vec::new());
        file.seek(SeekFrom::Start(start)).map_err(unavailable)?;
        file.take(end - start).read_to_end(&mut range).map_err(unavailable)?;
        Ok(range)
    }

    async fn read_all(&self, _: &SourceObject) -> Result<ByteReader, Failure> {
        Ok(Box::new(BlockingFile(self.open()?)))
    }

    async fn current_version(&self, _: &str, _: &str) -> Result<Option<SourceVersion>, Failure> {
        not_called()
    }

    async fn add_delete_marker(&self, _: &str, _: &str) -> Result<(), Failure> {
        not_called()
    }

    async fn delete_versions(&self, _: &str, _: &str) -> Result<(), Failure> {
        not_called()
    }

    async fn presign_put(&self, _: &str, _: &PresignTerms) -> Result<PresignedPut, Failure> {
        not_called()
    }
}

fn unavailable(error: io::Error) -> Failure {
    Failure::DependencyUnavailable { call: "the disk", source: error.into() }
}

fn not_called() -> ! {
    unreachable!("validate and resize do not call it")
}

/// Reads a file without waiting: reading from the disk blocks the thread, like decoding.
struct BlockingFile(File);

impl AsyncRead for BlockingFile {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut chunk = vec![0; buffer.remaining().min(64 * 1024)];
        let len = self.0.read(&mut chunk)?;
        buffer.put_slice(&chunk[..len]);
        Poll::Ready(Ok(()))
    }
}

impl Renditions for Disk {
    async fn put(&self, new: NewRendition, mut bytes: ByteReader) -> Result<(), Failure> {
        let read = tokio::io::copy(&mut bytes, &mut tokio::io::sink()).await;
        let failed =
            |source: io::Error| Failure::RenderFailed { rendition: new.destination.key, source: source.into() };
        read.map(drop).map_err(failed)
    }

    async fn tag_superseded(&self, _: &Destination) -> Result<(), Failure> {
        not_called()
    }

    async fn untag_superseded(&self, _: &Destination) -> Result<(), Failure> {
        not_called()
    }

    async fn list(&self, _: &str, _: &str) -> Result<Vec<String>, Failure> {
        not_called()
    }

    async fn delete(&self, _: &str, _: &[String]) -> Result<(), Failure> {
        not_called()
    }

    async fn presign_get(&self, _: &Destination) -> Result<String, Failure> {
        not_called()
    }
}

/// A field of `/proc/self/status`; 0 if the kernel does not report it.
fn status_kib(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|line| line.strip_prefix(field));
    found.and_then(|kib| kib.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}
