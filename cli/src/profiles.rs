//! `darkroom profiles`: checks and lists profiles, or prints a first profile.

use std::{collections::BTreeMap, fs, path::Path, process::ExitCode};

use anyhow::{Context, bail, ensure};
use imaging::{Encoding, Fit, RenditionSpec, Target};
use pipeline::Profiles;
use serde_json::{Value, json};

use crate::{args::ProfilesArgs, terminal};

const FILE_SHAPES: &str = r#"a file is {"renditions": […]}, or {"name": {"renditions": […]}, …} (docs/profiles.md)"#;

/// Checks profiles with the code of the functions and prints them, or prints a first profile.
///
/// # Errors
/// If the functions would refuse the profiles.
pub(crate) fn run(args: &ProfilesArgs) -> anyhow::Result<ExitCode> {
    if !args.sizes.is_empty() {
        terminal::print(format_args!("{:#}", profile_from_sizes(&args.sizes, args)?));
        return Ok(ExitCode::SUCCESS);
    }
    let (default, profiles, json) = match &args.file {
        Some(file) => read_file(file, args.default.as_deref())?,
        None => {
            let default = args.default.clone().unwrap_or_else(|| "web".to_owned());
            (default.clone(), Profiles::built_in(&default)?, Value::Null)
        }
    };
    if args.json {
        terminal::print(json!({ "default": default, "profiles": json }));
    } else {
        terminal::print(profile_table(&profiles, &default)?);
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a file of profiles. Returns the name of the default, the profiles, and the JSON that the functions read.
fn read_file(file: &Path, default: Option<&str>) -> anyhow::Result<(String, Profiles, Value)> {
    let name = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("reading {name}"))?;
    let value: Value = serde_json::from_str(&text).with_context(|| format!("{name} is not JSON"))?;
    let by_name = profiles_by_name(file, value)?;
    let default = match default {
        Some(default) => default.to_owned(),
        None => default_name(&by_name).with_context(|| name.to_string())?,
    };
    let json = json!(by_name);
    let profiles = Profiles::from_json(&json.to_string(), &default);
    Ok((default, profiles.with_context(|| name.to_string())?, json))
}

/// The profiles of a file by name. A file that holds one profile without a name gives it the name of the file.
fn profiles_by_name(file: &Path, value: Value) -> anyhow::Result<BTreeMap<String, Value>> {
    if value.get("renditions").is_none_or(|renditions| !renditions.is_array()) {
        return serde_json::from_value(value)
            .with_context(|| format!("{} holds no profiles: {FILE_SHAPES}", file.display()));
    }
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(BTreeMap::from([(stem, value)]))
}

/// The profile to use as the default if the user named none: the only one, or `web`.
fn default_name(by_name: &BTreeMap<String, Value>) -> anyhow::Result<String> {
    let names: Vec<_> = by_name.keys().map(String::as_str).collect();
    match names[..] {
        [only] => Ok(only.to_owned()),
        _ if names.contains(&"web") => Ok("web".to_owned()),
        _ => bail!(
            "which profile is the default: {}? Name it (--default NAME; in a deployment, DefaultProfile=NAME)",
            names.join(", ")
        ),
    }
}

/// A profile with one rendition for each size, named after the size.
fn profile_from_sizes(sizes: &[String], args: &ProfilesArgs) -> anyhow::Result<Value> {
    let renditions = sizes.iter().map(|size| {
        let (width, height) = parse_size(size)
            .with_context(|| format!("'{size}' is not a size: write WIDTHxHEIGHT in px, as 400x300"))?;
        let name = format!("{width}x{height}");
        Ok(json!({ "name": name, "width": width, "height": height, "format": args.format }))
    });
    let renditions = renditions.collect::<anyhow::Result<Vec<_>>>()?;
    let profile = json!({ "renditions": renditions });
    Profiles::from_json(&json!({ "sizes": profile }).to_string(), "sizes")?;
    Ok(profile)
}

fn parse_size(size: &str) -> anyhow::Result<(u32, u32)> {
    let (width, height) = size.split_once('x').context("it has no x")?;
    let (width, height) = (width.trim().parse()?, height.trim().parse()?);
    ensure!(width > 0 && height > 0, "a side of 0 px");
    Ok((width, height))
}

fn profile_table(profiles: &Profiles, default: &str) -> anyhow::Result<comfy_table::Table> {
    let mut rows = Vec::new();
    for name in profiles.names() {
        let mark = if name == default { " (default)" } else { "" };
        for (index, spec) in profiles.get(name)?.renditions.iter().enumerate() {
            let name = if index == 0 { format!("{name}{mark}") } else { String::new() };
            rows.push(vec![name, spec.name.to_string(), box_text(spec), format_text(spec)]);
        }
    }
    Ok(terminal::table(&["profile", "rendition", "size", "format"], rows))
}

/// The box of a rendition, as the table shows it.
fn box_text(spec: &RenditionSpec) -> String {
    let fit = if spec.fit == Fit::Cover { "cover " } else { "" };
    match (spec.width, spec.height) {
        (Some(width), Some(height)) => format!("{fit}{width}×{height}"),
        (Some(width), None) => format!("{width} wide"),
        (None, Some(height)) => format!("{height} high"),
        (None, None) => "the source's".to_owned(),
    }
}

/// The format and quality of a rendition, as the table shows them.
fn format_text(spec: &RenditionSpec) -> String {
    let Target::Encoding(encoding) = spec.target else { return "the source's".to_owned() };
    let format = encoding.format().to_string();
    match encoding {
        Encoding::Jpeg { quality, .. } | Encoding::Webp { quality, .. } | Encoding::Avif { quality, .. } => {
            format!("{format}, quality {}", quality.get())
        }
        Encoding::WebpLossless => format!("{format}, lossless"),
        Encoding::Png => format,
    }
}
