//! Names of files: which are meant, and what their renditions are called.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use pipeline::check_key;

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

impl Names {
    /// What `file` is called in S3: its name, or where another file has taken that, its stem and a number.
    ///
    /// # Errors
    /// If the path ends in no name, or in one that no key can have.
    pub(crate) fn key_name(&mut self, file: &Path) -> anyhow::Result<String> {
        let name = file.file_name().context("not the name of a file")?.to_string_lossy();
        if let Err(error) = check_key(&name) {
            bail!("the file name '{name}' {error}");
        }
        let (stem, dot, extension) = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, ".", extension),
            _ => (&*name, "", ""),
        };
        let numbered = (2..).map(|number| format!("{stem}-{number}{dot}{extension}"));
        let mut candidates = std::iter::once(name.clone().into_owned()).chain(numbered);
        let free = candidates.find(|candidate| self.taken.insert(candidate.into()));
        Ok(free.expect("there is always a further number"))
    }
}

/// `paths`, with each folder replaced by the files in it and in the folders below it, sorted; hidden ones are left out.
///
/// # Errors
/// If a folder cannot be read, or has no file in it.
pub(crate) fn expand(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut inside = Vec::new();
            collect(path, &mut inside).with_context(|| format!("reading {}", path.display()))?;
            ensure!(!inside.is_empty(), "there is no file in {}", path.display());
            inside.sort();
            files.extend(inside);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_no_key_can_have_is_refused() {
        let error =
            Names::default().key_name(Path::new("a/b\u{ffff}.jpg")).unwrap_err().to_string();
        assert!(error.contains("U+FFFF"), "{error}");
        assert!(Names::default().key_name(Path::new("a/b\n.jpg")).is_err());
    }

    #[test]
    fn files_of_one_name_get_keys_of_their_own() {
        let mut names = Names::default();
        let keys = ["a/p.jpg", "b/p.jpg", "c/p.jpg", "a/README", "b/README"];
        let keys = keys.map(|file| names.key_name(Path::new(file)).unwrap());
        assert_eq!(keys, ["p.jpg", "p-2.jpg", "p-3.jpg", "README", "README-2"]);
    }

    #[test]
    fn a_folder_is_all_files_below_it_and_an_empty_one_is_an_error() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        for below in ["b", ".hidden", "empty"] {
            fs::create_dir(path(below)).unwrap();
        }
        for file in ["c.jpg", "b/a.jpg", ".d.jpg", ".hidden/e.jpg"] {
            fs::write(path(file), "").unwrap();
        }
        let files = expand(&[folder.path().to_owned()]).unwrap();
        assert_eq!(files, [path("b/a.jpg"), path("c.jpg")]);
        let error = expand(&[path("empty")]).unwrap_err().to_string();
        assert!(error.starts_with("there is no file in "), "{error}");
    }

    #[test]
    fn files_that_differ_in_folder_or_extension_get_names_of_their_own() {
        let mut names = Names::default();
        let prefixes = ["a/cat.jpg", "a/cat.png", "b/cat.jpg", "b/cat.png"]
            .map(|file| names.prefix(Path::new(file)));
        assert_eq!(prefixes, ["cat", "cat.png", "cat.jpg", "cat.png-2"]);
    }
}
