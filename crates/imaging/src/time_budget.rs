//! Limits how long a rendering may compute. Time in which it waits for its reader or its writer does not count.
//!
//! The budget is checked between strips of rows, between frames, on every read of the source, and by the encoders that
//! encode a whole picture at once. Work between two checks is bounded by the limits on pixels and memory.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::raster::{PixelFormat, Raster, Rows, RowsToCrop};
use crate::{Rejection, RenderError, Size};

/// The computing time of one rendering. Clones share the same time.
#[derive(Debug, Clone)]
pub(crate) struct TimeBudget {
    limit: Duration,
    started: Instant,
    excluded: Rc<Cell<Duration>>,
}

impl TimeBudget {
    /// Starts the time now.
    pub(crate) fn start(limit: Duration) -> Self {
        TimeBudget { limit, started: Instant::now(), excluded: Rc::default() }
    }

    /// Checks that there is time left.
    ///
    /// # Errors
    /// [`Rejection::TooMuchTime`].
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        let taken = self.started.elapsed().saturating_sub(self.excluded.get());
        if taken <= self.limit {
            return Ok(());
        }
        Err(Rejection::TooMuchTime { limit: self.limit, taken })
    }

    /// Wraps a reader or a writer, so that time spent in its calls does not count.
    pub(crate) fn exclude<S>(&self, stream: S) -> Untimed<S> {
        Untimed { stream, budget: self.clone() }
    }

    /// Wraps the rows of a picture, so that reading them fails when the time is up.
    pub(crate) fn with_deadline<'a>(&self, raster: Raster<'a>) -> Raster<'a> {
        let wrap = |RowsToCrop { rows, region }: RowsToCrop<'a>| {
            let rows = Box::new(DeadlineRows { rows, budget: self.clone() });
            RowsToCrop { rows, region }
        };
        match raster {
            Raster::Packed(packed) => Raster::Packed(wrap(packed)),
            Raster::Ycc(planes, coding) => Raster::Ycc(planes.map(wrap), coding),
        }
    }

    fn excluding<T>(&self, call: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = call();
        self.excluded.set(self.excluded.get() + began.elapsed());
        result
    }
}

/// A reader or a writer whose time does not count. Reading fails once the time is up.
pub(crate) struct Untimed<S> {
    stream: S,
    budget: TimeBudget,
}

impl<R: Read> Read for Untimed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget.check().is_err() {
            // The decoder stops with an error of its own. `render_within` replaces it by `TooMuchTime`.
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.budget.excluding(|| self.stream.read(buffer))
    }
}

impl<W: Write> Write for Untimed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.budget.excluding(|| self.stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.budget.excluding(|| self.stream.flush())
    }
}

/// Rows that fail with [`Rejection::TooMuchTime`] once the time is up.
struct DeadlineRows<'a> {
    rows: Box<dyn Rows + 'a>,
    budget: TimeBudget,
}

impl Rows for DeadlineRows<'_> {
    fn size(&self) -> Size {
        self.rows.size()
    }

    fn pixel_format(&self) -> PixelFormat {
        self.rows.pixel_format()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        self.budget.check()?;
        self.rows.read(out)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::thread::sleep;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(500);

    /// Takes half the limit for every read.
    struct SlowReader;

    impl Read for SlowReader {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            sleep(LIMIT / 2);
            Ok(buffer.len())
        }
    }

    #[test]
    fn time_in_the_reader_does_not_count() {
        let budget = TimeBudget::start(LIMIT);
        let mut reader = budget.exclude(SlowReader);
        for _ in 0..5 {
            reader.read_exact(&mut [0]).unwrap();
        }
        assert_eq!(budget.check(), Ok(()));
        sleep(LIMIT);
        let Err(Rejection::TooMuchTime { limit, taken }) = budget.check() else { panic!() };
        assert!(limit == LIMIT && taken > limit, "{taken:?}");
    }
}
