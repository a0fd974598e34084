//! How long a rendering takes of its own: time that it waits for its reader or its writer is theirs.
//!
//! Looked at between strips of rows, between frames, whenever more of the source is read, and by the
//! encoders that take a picture whole.
//! What runs in one piece between two looks is bounded by the limits on pixels and memory.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::decode::{Part, Picture};
use crate::rows::{Layout, Rows};
use crate::{Rejection, RenderError, Size};

/// The clock of one rendering. A clone is the same clock.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    limit: Duration,
    started: Instant,
    waited: Rc<Cell<Duration>>,
}

impl Clock {
    pub(crate) fn start(limit: Duration) -> Self {
        Clock { limit, started: Instant::now(), waited: Rc::default() }
    }

    /// Whether there is time left.
    ///
    /// # Errors
    /// [`Rejection::TooMuchTime`].
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        let taken = self.started.elapsed().saturating_sub(self.waited.get());
        if taken <= self.limit {
            return Ok(());
        }
        Err(Rejection::TooMuchTime { limit: self.limit, taken })
    }

    /// A reader or writer whose time does not count.
    pub(crate) fn apart_from<S>(&self, stream: S) -> Apart<S> {
        Apart { stream, clock: self.clone() }
    }

    /// A picture whose rows end when the time does.
    pub(crate) fn watch<'a>(&self, picture: Picture<'a>) -> Picture<'a> {
        let watched = |Part { rows, region }: Part<'a>| {
            let rows = Box::new(Watched { rows, clock: self.clone() });
            Part { rows, region }
        };
        match picture {
            Picture::Packed(part) => Picture::Packed(watched(part)),
            Picture::Ycc(planes, range) => Picture::Ycc(planes.map(watched), range),
        }
    }

    fn stopped_for<T>(&self, wait: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let waited_for = wait();
        self.waited.set(self.waited.get() + began.elapsed());
        waited_for
    }
}

/// A stream during whose calls the clock stands still. None is read from when the time is up.
pub(crate) struct Apart<S> {
    stream: S,
    clock: Clock,
}

impl<R: Read> Read for Apart<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.clock.check().is_err() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.clock.stopped_for(|| self.stream.read(buffer))
    }
}

impl<W: Write> Write for Apart<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.clock.stopped_for(|| self.stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.clock.stopped_for(|| self.stream.flush())
    }
}

struct Watched<'a> {
    rows: Box<dyn Rows + 'a>,
    clock: Clock,
}

impl Rows for Watched<'_> {
    fn size(&self) -> Size {
        self.rows.size()
    }

    fn layout(&self) -> Layout {
        self.rows.layout()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        self.clock.check()?;
        self.rows.read(out)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::thread::sleep;

    use super::*;

    const A_WHILE: Duration = Duration::from_millis(500);

    /// Takes its time over every byte.
    struct Slow;

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            sleep(A_WHILE / 2);
            Ok(buffer.len())
        }
    }

    #[test]
    fn time_that_a_reader_takes_is_not_the_pictures() {
        let clock = Clock::start(A_WHILE);
        let mut reader = clock.apart_from(Slow);
        for _ in 0..5 {
            reader.read_exact(&mut [0]).unwrap();
        }
        assert_eq!(clock.check(), Ok(()));
        sleep(A_WHILE);
        let Err(Rejection::TooMuchTime { limit, taken }) = clock.check() else { panic!() };
        assert!(limit == A_WHILE && taken > limit, "{taken:?}");
    }
}
