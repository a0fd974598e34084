//! File names: lists the input files, and gives each output and each S3 object a unique name.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use pipeline::check_key;

/// Gives out names within one folder or key prefix. No name is given twice.
#[derive(Debug, Default)]
pub(crate) struct UniqueNames {
    taken: BTreeSet<String>,
}

impl UniqueNames {
    /// The beginning of the file names of `file`'s renditions: its stem. If the stem is taken, its whole name; if that
    /// is taken, its name and a number.
    pub(crate) fn rendition_stem(&mut self, file: &Path) -> String {
        let text = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
        let (stem, name) = (text(file.file_stem()), text(file.file_name()));
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        self.take_first_free([stem, name.clone()].into_iter().chain(numbered))
    }

    /// The last segment of the key of `file`: its name. If the name is taken, its stem and a number.
    ///
    /// # Errors
    /// If the path has no file name, or the name is not allowed in a key.
    pub(crate) fn object_name(&mut self, file: &Path) -> anyhow::Result<String> {
        let name = file.file_name().context("not the name of a file")?.to_string_lossy();
        if let Err(error) = check_key(&name) {
            bail!("the file name '{name}' {error}");
        }
        let (stem, dot, extension) = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, ".", extension),
            _ => (&*name, "", ""),
        };
        let numbered = (2..).map(|number| format!("{stem}-{number}{dot}{extension}"));
        Ok(self.take_first_free(std::iter::once(name.to_string()).chain(numbered)))
    }

    fn take_first_free(&mut self, mut candidates: impl Iterator<Item = String>) -> String {
        candidates.find(|candidate| self.taken.insert(candidate.clone())).expect("the candidates never end")
    }
}

/// Replaces each folder in `paths` by all files below it, sorted. Hidden files and folders are left out.
///
/// # Errors
/// If a folder cannot be read, or has no file in it.
pub(crate) fn list_files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut inside = Vec::new();
            collect_files(path, &mut inside).with_context(|| format!("reading {}", path.display()))?;
            ensure!(!inside.is_empty(), "there is no file in {}", path.display());
            inside.sort();
            files.extend(inside);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect_files(&entry.path(), files)?;
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
    fn a_name_that_is_not_allowed_in_a_key_is_refused() {
        let object_name = |file: &str| UniqueNames::default().object_name(Path::new(file));
        let error = object_name("a/b\u{ffff}.jpg").unwrap_err().to_string();
        assert!(error.contains("U+FFFF"), "{error}");
        assert!(object_name("a/b\n.jpg").is_err());
    }

    #[test]
    fn files_with_the_same_name_get_different_object_names() {
        let mut names = UniqueNames::default();
        let keys = ["a/p.jpg", "b/p.jpg", "c/p.jpg", "a/README", "b/README"];
        let keys = keys.map(|file| names.object_name(Path::new(file)).unwrap());
        assert_eq!(keys, ["p.jpg", "p-2.jpg", "p-3.jpg", "README", "README-2"]);
    }

    #[test]
    fn a_folder_is_replaced_by_all_files_below_it_and_an_empty_folder_is_an_error() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        for below in ["b", ".hidden", "empty"] {
            fs::create_dir(path(below)).unwrap();
        }
        for file in ["c.jpg", "b/a.jpg", ".d.jpg", ".hidden/e.jpg"] {
            fs::write(path(file), "").unwrap();
        }
        let files = list_files(&[folder.path().to_owned()]).unwrap();
        assert_eq!(files, [path("b/a.jpg"), path("c.jpg")]);
        let error = list_files(&[path("empty")]).unwrap_err().to_string();
        assert!(error.starts_with("there is no file in "), "{error}");
    }

    #[test]
    fn files_that_differ_in_folder_or_extension_get_different_rendition_stems() {
        let mut names = UniqueNames::default();
        let stems =
            ["a/cat.jpg", "a/cat.png", "b/cat.jpg", "b/cat.png"].map(|file| names.rendition_stem(Path::new(file)));
        assert_eq!(stems, ["cat", "cat.png", "cat.jpg", "cat.png-2"]);
    }
}
