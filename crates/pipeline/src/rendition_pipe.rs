//! A pipe from the thread that renders to the task that uploads. It applies backpressure to the renderer.
//!
//! A writer that is dropped looks like one that has written everything. Therefore the end of the rendition is a
//! separate signal: without it, the reader ends in an error.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, DuplexStream, ReadBuf},
    sync::oneshot,
};
use tokio_util::io::SyncIoBridge;

/// How many bytes the writer may be ahead of the reader.
const PIPE_BYTES: usize = 64 * 1024;

/// The side of the renderer. Create it on the runtime; write to it outside of the runtime's threads.
pub(crate) struct RenditionWriter {
    /// Each write waits until the reader has made room.
    pub(crate) bytes: SyncIoBridge<DuplexStream>,
    /// To be sent after the last byte.
    pub(crate) end: oneshot::Sender<()>,
}

/// The side of the upload.
pub(crate) struct RenditionReader {
    bytes: DuplexStream,
    /// `None` after the signal was received.
    end: Option<oneshot::Receiver<()>>,
}

/// A writer, and the reader of what it writes.
pub(crate) fn rendition_pipe() -> (RenditionWriter, RenditionReader) {
    let (writer, reader) = tokio::io::duplex(PIPE_BYTES);
    let (end, received) = oneshot::channel();
    let writer = RenditionWriter { bytes: SyncIoBridge::new(writer), end };
    (writer, RenditionReader { bytes: reader, end: Some(received) })
}

impl AsyncRead for RenditionReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.bytes).poll_read(context, buffer))?;
        // Reading nothing is the end of the bytes, unless there was no room.
        if buffer.filled().len() > before || buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if let Some(end) = &mut self.end {
            // A receiver must not be polled again after it was received.
            let received = ready!(Pin::new(end).poll(context));
            self.end = None;
            received.map_err(|_| io::Error::other("the rendition is incomplete"))?;
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use tokio::io::AsyncReadExt;

    use super::*;

    /// Writes 100 kB in another thread and then calls `finish`; the number of bytes read.
    async fn write_and(finish: impl FnOnce(RenditionWriter) + Send + 'static) -> io::Result<usize> {
        let (mut writer, mut reader) = rendition_pipe();
        let writing = tokio::task::spawn_blocking(move || {
            writer.bytes.write_all(&[7; 100_000]).unwrap();
            finish(writer);
        });
        let read = reader.read_to_end(&mut Vec::new()).await;
        writing.await.unwrap();
        read
    }

    #[tokio::test]
    async fn a_finished_rendition_is_read_to_its_end() {
        let read = write_and(|writer| writer.end.send(()).unwrap()).await;
        assert_eq!(read.unwrap(), 100_000);
    }

    #[tokio::test]
    async fn reading_into_an_empty_buffer_loses_nothing() {
        let (mut writer, mut reader) = rendition_pipe();
        let writing = tokio::task::spawn_blocking(move || {
            writer.bytes.write_all(&[7; 100]).unwrap();
            writer.end.send(()).unwrap();
        });
        assert_eq!(reader.read(&mut []).await.unwrap(), 0);
        writing.await.unwrap();
        assert_eq!(reader.read_to_end(&mut Vec::new()).await.unwrap(), 100);
    }

    #[tokio::test]
    async fn a_dropped_writer_is_an_error_to_the_reader() {
        assert!(write_and(drop).await.is_err());
    }

    #[tokio::test]
    async fn a_dropped_reader_is_an_error_to_the_writer() {
        let (mut writer, reader) = rendition_pipe();
        drop(reader);
        let writing = tokio::task::spawn_blocking(move || writer.bytes.write_all(&[7; 100_000]));
        assert_eq!(writing.await.unwrap().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
