//! Names of files: which are meant, and what their renditions are called.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// Names for renditions in one folder, never the same twice.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: BTreeSet<PathBuf>,
}

impl Names {
    /// What the renditions of `file` begin with: its stem, or where another file has taken that,
    /// its whole name, or that and a number.
    pub(crate) fn prefix(&mut self, file: &Path) -> String {
        let part = |part: Option<&std::ffi::OsStr>| {
            part.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let (stem, name) = (part(file.file_stem()), part(file.file_name()));
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut candidates = [stem, name.clone()].into_iter().chain(numbered);
        candidates
            .find(|candidate| self.taken.insert(candidate.into()))
            .expect("there is always a further number")
    }
}

/// `paths`, with each folder replaced by the files in it, sorted; hidden ones are left out.
///
/// # Errors
/// If a folder cannot be read.
pub(crate) fn expand(paths: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut inside = Vec::new();
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                let hidden = entry.file_name().to_string_lossy().starts_with('.');
                if entry.file_type()?.is_file() && !hidden {
                    inside.push(entry.path());
                }
            }
            inside.sort();
            files.extend(inside);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_differ_in_folder_or_extension_get_names_of_their_own() {
        let mut names = Names::default();
        let prefixes = ["a/cat.jpg", "a/cat.png", "b/cat.jpg", "b/cat.png"]
            .map(|file| names.prefix(Path::new(file)));
        assert_eq!(prefixes, ["cat", "cat.png", "cat.jpg", "cat.png-2"]);
    }
}
