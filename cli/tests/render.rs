//! Runs `darkroom render`.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

fn darkroom(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("darkroom").unwrap();
    command.current_dir(folder).arg("render");
    command
}

/// A folder with a picture of 600×400 that is stored sideways, and a text file whose name ends in .jpg.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let sideways = imaging::Orientation::try_from(6).unwrap();
    let chart = imaging::chart::jpeg(imaging::Size::new(600, 400), sideways);
    fs::write(folder.path().join("chart.jpg"), chart).unwrap();
    fs::write(folder.path().join("diary.jpg"), "Dear diary").unwrap();
    folder
}

fn lines(output: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(output).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_renditions_of_a_profile_are_upright() {
    let folder = folder();
    let run = darkroom(folder.path()).args(["chart.jpg", "--out", "out", "--json"]).assert();
    let lines = lines(&run.success().get_output().stdout);
    let made = |line: &Value| (line["name"].clone(), line["width"].clone(), line["height"].clone());
    let made: Vec<_> = lines.iter().map(made).collect();
    let expected = [("thumbnail", 300, 200), ("medium", 600, 400), ("large", 600, 400), ("original", 600, 400)];
    assert_eq!(made, expected.map(|(name, width, height)| (name.into(), width.into(), height.into())));
    for line in lines {
        let path = folder.path().join(line["path"].as_str().unwrap());
        assert_eq!(fs::metadata(path).unwrap().len(), line["byte_len"].as_u64().unwrap());
    }
}

#[test]
fn tone_mapping_is_said() {
    // The numbers of BT.2020 and HLG, before the pixels.
    const NUMBERS: &[u8] = b"\0\0\0\x04cICP\x09\x12\0\x01N\xA7\xF7\x90";
    let folder = folder();
    let png = imaging::chart::encoded(imaging::Size::new(40, 30), imaging::Encoding::Png);
    fs::write(folder.path().join("hdr.png"), [&png[..33], NUMBERS, &png[33..]].concat()).unwrap();
    let options = ["--width", "20", "--format", "webp", "--out", "out"];
    let run = darkroom(folder.path()).args(["hdr.png", "--json"]).args(options).assert().success();
    assert_eq!(lines(&run.get_output().stdout)[0]["tone_mapped"], "hlg");
    let run = darkroom(folder.path()).arg("hdr.png").args(options).assert().success();
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert!(text.contains("tone-mapped: the picture has a high dynamic range (HLG)"), "{text}");
    let run = darkroom(folder.path()).arg("chart.jpg").args(options).assert().success();
    assert!(!String::from_utf8_lossy(&run.get_output().stdout).contains("tone-mapped"));
}

#[test]
fn only_animated_keeps_all_frames() {
    let folder = folder();
    // Two frames of a pixel: black, and white.
    let gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF\
        \x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\
        \x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x4C\x01\0;";
    fs::write(folder.path().join("blink.gif"), gif).unwrap();
    for (options, frames) in [(&["--animated"][..], 2), (&[], 1)] {
        let run = darkroom(folder.path()).args(["blink.gif", "--format", "webp", "--json"]).args(options).assert();
        let lines = lines(&run.success().get_output().stdout);
        assert_eq!(lines[0]["frames"], frames, "{options:?}");
    }
    darkroom(folder.path()).args(["blink.gif", "--format", "jpeg", "--animated"]).assert().code(2);
}

#[test]
fn a_damaged_picture_is_rendered_only_on_request_and_never_silently() {
    let folder = folder();
    let chart = fs::read(folder.path().join("chart.jpg")).unwrap();
    fs::write(folder.path().join("cut.jpg"), &chart[..chart.len() * 6 / 10]).unwrap();
    let render = |options: &[&str]| darkroom(folder.path()).args(["cut.jpg", "--width", "75"]).args(options).assert();

    let rejected = render(&["--json"]).code(1);
    let error = lines(&rejected.get_output().stdout)[0]["error"].clone();
    assert_eq!(error["code"], "corrupt");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("the file ends at byte ") && message.ends_with(" % of the picture"), "{message}");

    let rendered = render(&["--damaged", "render", "--json"]).success();
    let damaged = lines(&rendered.get_output().stdout)[0]["damaged"].clone();
    assert!(damaged["reason"].as_str().unwrap().starts_with("the file ends at byte "), "{damaged}");
    assert!((0.2..0.9).contains(&damaged["decoded"].as_f64().unwrap()), "{damaged}");
    let table = render(&["--damaged", "render"]).success();
    let stderr = String::from_utf8_lossy(&table.get_output().stderr).into_owned();
    assert!(stderr.contains("cut.jpg: damaged: the file ends at byte "), "{stderr}");

    // The option takes precedence over the profile.
    let profile = r#"{"damaged": "render", "renditions": [{"name": "a", "width": 75, "format": "png"}]}"#;
    fs::write(folder.path().join("own.json"), profile).unwrap();
    let by_profile = |options: &[&str]| {
        let mut command = darkroom(folder.path());
        command.args(["cut.jpg", "--profile", "own.json"]).args(options).assert()
    };
    by_profile(&[]).success();
    by_profile(&["--damaged", "reject"]).code(1);
}

#[test]
fn options_describe_a_single_rendition() {
    let folder = folder();
    let options = ["chart.jpg", "--width", "100", "--height", "100", "--fit", "cover", "--format", "png", "--json"];
    let run = darkroom(folder.path()).args(options).assert().success();
    let line = &lines(&run.get_output().stdout)[0];
    assert_eq!((&line["format"], &line["width"], &line["height"]), (&"png".into(), &100.into(), &100.into()));
    assert!(folder.path().join("chart-rendition.png").exists());
}

#[test]
fn each_encoder_accepts_its_own_options() {
    let folder = folder();
    for (options, file) in [
        (vec!["--format", "jpeg", "--quality", "70", "--progressive"], "chart-rendition.jpg"),
        (vec!["--format", "webp", "--quality", "70", "--method", "2"], "chart-rendition.webp"),
        (vec!["--format", "webp", "--lossless"], "chart-rendition.webp"),
        (vec!["--format", "avif", "--quality", "50", "--speed", "9"], "chart-rendition.avif"),
    ] {
        darkroom(folder.path()).arg("chart.jpg").args(&options).assert().success();
        assert!(folder.path().join(file).exists(), "{options:?}");
        fs::remove_file(folder.path().join(file)).unwrap();
    }
}

#[test]
fn the_table_lists_each_rendition() {
    let folder = folder();
    let run = darkroom(folder.path()).args(["chart.jpg"]).assert().success();
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    for expected in ["rendition", "thumbnail", "300×200", "chart-original.webp"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn a_bad_file_gets_one_line_and_does_not_stop_the_others() {
    let folder = folder();
    let files = ["diary.jpg", "nowhere.jpg", "chart.jpg"];
    let run = darkroom(folder.path()).args(files).assert().code(1);
    let errors = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(errors.contains("diary.jpg: the file is not an image, but text (not_an_image)"), "{errors}");
    assert!(errors.contains("nowhere.jpg: ") && errors.contains("(failed)"), "{errors}");
    assert_eq!(errors.lines().count(), 2, "{errors}");
    assert!(folder.path().join("chart-thumbnail.webp").exists());
}

#[test]
fn the_limit_of_the_header_is_the_one_of_the_pipeline() {
    let folder = folder();
    let png = imaging::chart::encoded(imaging::Size::new(40, 30), imaging::Encoding::Png);
    let (header, pixels) = png.split_at(33);
    let text = vec![b'a'; 9_000_000];
    let len = u32::try_from(text.len()).unwrap().to_be_bytes();
    let mut long = [header, &len, b"tEXt", &text, &[0; 4], pixels].concat();
    long.resize(30_000_000, 0);
    fs::write(folder.path().join("long.png"), long).unwrap();
    darkroom(folder.path()).args(["long.png", "--width", "20"]).assert().success();

    let jpeg = fs::read(folder.path().join("chart.jpg")).unwrap();
    let segment = [b"\xFF\xE2\xFF\xFFICC_PROFILE\0".as_slice(), &[0; 65_521]].concat();
    let too_long = [&jpeg[..2], &segment.repeat(257), &jpeg[2..]].concat();
    fs::write(folder.path().join("long.jpg"), too_long).unwrap();
    let run = darkroom(folder.path()).args(["long.jpg", "--width", "20"]).assert().code(1);
    let errors = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    let expected = "the header has at least 16777475 bytes, more than the limit of 16777216";
    assert!(errors.contains(expected), "{errors}");
}

#[test]
fn options_of_an_invalid_rendition_are_refused() {
    let folder = folder();
    for (options, expected) in [
        (vec!["chart.jpg", "--fit", "cover", "--width", "10"], "height"),
        (vec!["chart.jpg", "--profile", "posters"], "there are: proxies, variants, web, widths"),
        (vec!["chart.jpg", "--profile", "nowhere.json"], "nowhere.json"),
        (vec!["chart.jpg", "--width", "10", "--quality", "80"], "--format"),
        (vec!["chart.jpg", "--width", "0"], "--width"),
        (vec!["chart.jpg", "--format", "png", "--progressive"], "format png takes no progressive"),
        (vec!["chart.jpg", "--format", "avif", "--method", "2"], "avif takes no method"),
        (vec!["chart.jpg", "--format", "webp", "--speed", "9"], "webp takes no speed"),
        (vec!["chart.jpg", "--format", "avif", "--speed", "5"], "6..=9"),
        (vec!["chart.jpg", "--format", "webp", "--lossless", "--quality", "80"], "lossless webp takes no quality"),
        (vec!["chart.jpg", "--profile", "web", "--speed", "9"], "cannot be used with"),
    ] {
        let run = darkroom(folder.path()).args(&options).assert().code(2);
        let errors = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(errors.contains(expected), "{options:?}: {errors}");
    }
}

#[test]
fn a_profile_is_read_from_a_file() {
    let folder = folder();
    let profile =
        r#"{"accepts": ["jpeg"], "limits": {}, "renditions": [{"name": "tiny", "width": 30, "format": "jpeg"}]}"#;
    fs::write(folder.path().join("own.json"), profile).unwrap();
    darkroom(folder.path()).args(["chart.jpg", "--profile", "own.json"]).assert().success();
    assert!(folder.path().join("chart-tiny.jpg").exists());
}

#[test]
fn a_closed_output_pipe_is_not_an_error() {
    let folder = folder();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_darkroom"))
        .current_dir(folder.path())
        .args(["render", "chart.jpg", "--json", "--out", "out"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && !errors.contains("panicked"), "{errors}");
    assert_eq!(fs::read_dir(folder.path().join("out")).unwrap().count(), 4);
}

#[test]
fn standard_input_and_folders_are_rendered() {
    let folder = folder();
    let chart = fs::read(folder.path().join("chart.jpg")).unwrap();
    let single = ["--width", "30", "--format", "jpg", "--json"];

    let run = darkroom(folder.path()).arg("-").args(single).write_stdin(chart).assert().success();
    let line = &lines(&run.get_output().stdout)[0];
    assert_eq!((line["file"].as_str(), line["path"].as_str()), (Some("stdin"), Some("./stdin-rendition.jpg")));

    let run = darkroom(folder.path()).args([".", "--out", "out"]).args(single).assert().code(1);
    let files: Vec<_> = lines(&run.get_output().stdout);
    let fared = |line: &Value| (line["file"].as_str().unwrap().to_owned(), line["error"].is_object());
    let expected = [("./chart.jpg", false), ("./diary.jpg", true), ("./stdin-rendition.jpg", false)];
    let expected = expected.map(|(file, bad)| (file.to_owned(), bad));
    assert_eq!(files.iter().map(fared).collect::<Vec<_>>(), expected);
}

#[test]
fn a_single_rendition_is_written_to_standard_output() {
    let folder = folder();
    let chart = fs::read(folder.path().join("chart.jpg")).unwrap();
    let to_stdout = ["-", "--out", "-", "--width", "30", "--format", "jpe"];
    let run = darkroom(folder.path()).args(to_stdout).write_stdin(chart).assert().success();
    let bytes = &run.get_output().stdout;
    assert!(bytes.starts_with(b"\xFF\xD8") && bytes.ends_with(b"\xFF\xD9"), "{} bytes", bytes.len());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no file is left");

    for (arguments, expected) in [
        (vec!["chart.jpg", "--out", "-"], "one rendition"),
        (vec!["chart.jpg", "chart.jpg", "--out", "-", "--width", "9"], "one picture"),
        (vec!["chart.jpg", "--out", "-", "--width", "9", "--json"], "--json"),
    ] {
        let run = darkroom(folder.path()).args(&arguments).assert().code(2);
        let errors = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(errors.contains(expected), "{arguments:?}: {errors}");
    }
    let run = darkroom(folder.path()).args(["diary.jpg", "--out", "-", "--width", "9"]).assert().code(1);
    assert!(run.get_output().stdout.is_empty());
}

#[test]
fn a_rejection_is_one_line_that_says_nothing_twice_and_shows_no_back_trace() {
    let folder = folder();
    let mut files = vec![("half.jpg", fs::read(folder.path().join("chart.jpg")).unwrap())];
    files[0].1.truncate(2_000);
    // A palette whose length is no multiple of three: a decoder has panicked on it.
    let png = [
        &b"\x89PNG\r\n\x1A\n"[..],
        b"\0\0\0\x0DIHDR\0\0\0\x01\0\0\0\x01\x08\x03\0\0\0\x28\xCB\x34\xBB",
        b"\0\0\0\x04PLTE\0\0\0\0\0\0\0\0",
    ];
    files.push(("palette.png", png.concat()));
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
        let run = darkroom(folder.path()).args([name, "--width", "9"]).env("RUST_BACKTRACE", "1").assert().code(1);
        let errors = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert_eq!(errors.lines().count(), 1, "{errors}");
        assert_eq!(errors.matches("corrupt").count(), 1, "only as the code: {errors}");
        assert!(!errors.contains("panicked at") && !errors.contains(" { "), "{errors}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_name_that_is_not_utf8_is_rendered() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder();
    let name = std::ffi::OsStr::from_bytes(b"caf\xE9.jpg");
    fs::copy(folder.path().join("chart.jpg"), folder.path().join(name)).unwrap();
    let run = darkroom(folder.path()).arg(name).arg("--json").assert().success();
    assert_eq!(lines(&run.get_output().stdout).len(), 4);
}

#[test]
fn a_failed_rendition_leaves_no_file() {
    let folder = folder();
    let chart = fs::read(folder.path().join("chart.jpg")).unwrap();
    fs::write(folder.path().join("half.jpg"), &chart[..chart.len() / 2]).unwrap();
    darkroom(folder.path()).args(["half.jpg", "--out", "out"]).assert().code(1);
    assert_eq!(fs::read_dir(folder.path().join("out")).unwrap().count(), 0);
}
