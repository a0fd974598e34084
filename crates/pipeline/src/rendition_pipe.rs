//! A pipe from a thread that writes to a task that reads: the renderer's bytes on their way into an
//! upload, which holds the renderer back when it is the slower of the two.
//!
//! A writer that is dropped half-way looks like one that has written everything. Here, only a
//! [finished](Inlet::finish) one counts as that: any other end is an error to whoever reads.

use std::{
    future::Future,
    io::{self, Write},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, DuplexStream, ReadBuf},
    sync::oneshot,
};
use tokio_util::io::SyncIoBridge;

/// What may be written ahead of the reader.
const PIPE_BYTES: usize = 64 * 1024;

/// A pipe; to be made within a runtime, and written to outside of its threads.
pub(crate) fn pipe() -> (Inlet, Outlet) {
    let (written, read) = tokio::io::duplex(PIPE_BYTES);
    let (finish, finished) = oneshot::channel();
    let inlet = Inlet { bytes: SyncIoBridge::new(written), finish };
    (inlet, Outlet { bytes: read, finished: Some(finished) })
}

/// Where it is written to. Each write waits for the reader to make room.
pub(crate) struct Inlet {
    bytes: SyncIoBridge<DuplexStream>,
    finish: oneshot::Sender<()>,
}

impl Inlet {
    /// Says that everything was written.
    pub(crate) fn finish(self) {
        // A reader that is gone has its own reasons.
        let _ = self.finish.send(());
    }
}

impl Write for Inlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.bytes.flush()
    }
}

/// Where it is read from.
pub(crate) struct Outlet {
    bytes: DuplexStream,
    /// `None` once the end was reached.
    finished: Option<oneshot::Receiver<()>>,
}

impl AsyncRead for Outlet {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.bytes).poll_read(context, buffer))?;
        if buffer.filled().len() > before || buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let Some(finished) = &mut self.finished else { return Poll::Ready(Ok(())) };
        let end = ready!(Pin::new(finished).poll(context));
        self.finished = None;
        Poll::Ready(end.map_err(|_| io::Error::other("the rendition breaks off")))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    /// What is read of 100 kB that another thread writes, and then ends as `end` says.
    async fn read(end: impl FnOnce(Inlet) + Send + 'static) -> io::Result<usize> {
        let (mut inlet, mut outlet) = pipe();
        let writing = tokio::task::spawn_blocking(move || {
            inlet.write_all(&[7; 100_000]).unwrap();
            end(inlet);
        });
        let read = outlet.read_to_end(&mut Vec::new()).await;
        writing.await.unwrap();
        read
    }

    #[tokio::test]
    async fn all_that_was_written_is_read_once_it_is_finished() {
        assert_eq!(read(Inlet::finish).await.unwrap(), 100_000);
    }

    #[tokio::test]
    async fn a_writer_that_gives_up_is_an_error_to_the_reader() {
        assert!(read(drop).await.is_err());
    }

    #[tokio::test]
    async fn a_reader_that_gives_up_is_an_error_to_the_writer() {
        let (mut inlet, outlet) = pipe();
        drop(outlet);
        let writing = tokio::task::spawn_blocking(move || inlet.write_all(&[7; 100_000]));
        assert_eq!(writing.await.unwrap().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
