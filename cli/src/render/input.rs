//! The pictures to render.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::PathBuf,
};

use anyhow::Context;

/// A picture: a file, or the bytes of standard input.
pub(super) struct InputFile {
    /// The path; `stdin` for standard input.
    pub(super) path: PathBuf,
    stdin: Option<Vec<u8>>,
}

impl InputFile {
    /// The file with this path. For `-`, reads standard input to its end.
    ///
    /// # Errors
    /// If standard input cannot be read.
    pub(super) fn new(path: PathBuf) -> anyhow::Result<Self> {
        if path.as_os_str() != "-" {
            return Ok(Self { path, stdin: None });
        }
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).context("reading the standard input")?;
        Ok(Self { path: PathBuf::from("stdin"), stdin: Some(bytes) })
    }

    /// A reader from the start, and the length in bytes.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub(super) fn open(&self) -> io::Result<(Box<dyn Read + '_>, u64)> {
        if let Some(bytes) = &self.stdin {
            return Ok((Box::new(&bytes[..]), bytes.len() as u64));
        }
        let file = File::open(&self.path)?;
        let byte_len = file.metadata()?.len();
        Ok((Box::new(BufReader::new(file)), byte_len))
    }
}
