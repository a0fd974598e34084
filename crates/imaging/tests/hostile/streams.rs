//! Readers and writers that fail, or pass few bytes at a time.

use super::*;

/// Returns a few bytes at a time, with interruptions, and fails after the first `whole` bytes.
struct Flaky<'a> {
    bytes: &'a [u8],
    whole: usize,
    is_interrupted: bool,
}

impl Read for Flaky<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.is_interrupted = !self.is_interrupted;
        if self.is_interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if self.whole == 0 && !self.bytes.is_empty() {
            return Err(io::Error::new(io::ErrorKind::ConnectionReset, "connection lost"));
        }
        let len = out.len().min(997).min(self.whole).min(self.bytes.len());
        out[..len].copy_from_slice(&self.bytes[..len]);
        self.bytes = &self.bytes[len..];
        self.whole -= len;
        Ok(len)
    }
}

#[test]
fn short_reads_and_interruptions_make_no_difference() {
    for (name, source) in SOURCES.iter() {
        let mut out = Vec::new();
        let flaky = Flaky { bytes: source, whole: source.len(), is_interrupted: false };
        render(flaky, &spec(SMALL), &mut out).unwrap();
        assert_eq!(out, rendition(source, SMALL).1, "{name}");
    }
}

#[test]
fn a_failed_read_is_the_readers_fault() {
    // Large enough that the header was read before the connection is lost.
    let size = Size::new(1600, 1200);
    let quality = Quality::try_from(100).unwrap();
    let sources = [
        chart::encoded(size, Encoding::Jpeg { quality, scan_mode: ScanMode::Baseline }),
        chart::encoded(size, Encoding::Png),
        chart::encoded(size, Encoding::Webp { quality, method: Method::DEFAULT }),
    ];
    for source in sources {
        for whole in [0, 100, source.len() / 2, source.len() * 9 / 10] {
            let flaky = Flaky { bytes: &source, whole, is_interrupted: false };
            match render(flaky, &spec(SMALL), &mut Vec::new()) {
                Err(RenderError::Read(error)) => {
                    assert_eq!(error.to_string(), "connection lost");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Accepts `room` bytes, then fails.
struct Full {
    room: usize,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "disk full"));
        }
        let len = bytes.len().min(self.room);
        self.room -= len;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failed_write_is_the_writers_fault() {
    let source = chart::jpeg(SIZE, Orientation::UPRIGHT);
    for format in ["jpeg", "png", "webp"] {
        let json = format!(r#""format": "{format}""#);
        let len = rendition(&source, &json).1.len();
        for room in [0, 1, len / 2, len - 1] {
            match render(source.as_slice(), &spec(&json), Full { room }) {
                Err(RenderError::Write(error)) => assert_eq!(error.to_string(), "disk full"),
                other => panic!("{format} with room for {room}: {other:?}"),
            }
        }
        assert!(render(source.as_slice(), &spec(&json), Full { room: len }).is_ok());
    }
}
