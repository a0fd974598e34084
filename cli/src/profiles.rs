//! `darkroom profiles`: what a deployment would make of a file of profiles.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, bail, ensure};
use imaging::{Encoding, Fit, RenditionSpec, Target};
use pipeline::Profiles;
use serde_json::{Value, json};

use crate::{Outcome, args::ProfilesArgs, report};

/// Checks profiles by the functions' own code and shows them, or prints one to begin with.
///
/// # Errors
/// If the functions would refuse them.
pub(crate) fn run(args: &ProfilesArgs) -> anyhow::Result<Outcome> {
    if !args.sizes.is_empty() {
        report::say(pretty(&beginning(&args.sizes, args)?));
        return Ok(Outcome::Good);
    }
    let (default, profiles, written) = match &args.file {
        Some(file) => own(file, args.default.as_deref())?,
        None => {
            let default = args.default.clone().unwrap_or_else(|| "web".to_owned());
            (default.clone(), Profiles::built_in(&default)?, Value::Null)
        }
    };
    if args.json {
        report::say(json!({ "default": default, "profiles": written }));
    } else {
        report::say(table(&profiles, &default)?);
    }
    Ok(Outcome::Good)
}

/// The default's name, the profiles of a file, and their JSON as the functions read it.
fn own(file: &Path, default: Option<&str>) -> anyhow::Result<(String, Profiles, Value)> {
    let name = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("reading {name}"))?;
    let value: Value =
        serde_json::from_str(&text).with_context(|| format!("{name} is not JSON"))?;
    let by_name = by_name(file, value)?;
    let default = match default {
        Some(default) => default.to_owned(),
        None => only_or_web(&by_name).with_context(|| name.to_string())?,
    };
    let written = json!(by_name);
    let profiles = Profiles::from_json(&written.to_string(), &default);
    Ok((default, profiles.with_context(|| name.to_string())?, written))
}

/// The file's profiles by name: a file of one profile gives it its own.
fn by_name(file: &Path, value: Value) -> anyhow::Result<BTreeMap<String, Value>> {
    if value.get("renditions").is_none_or(|renditions| !renditions.is_array()) {
        return serde_json::from_value(value)
            .with_context(|| format!("{} holds no profiles: {SHAPES}", file.display()));
    }
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(BTreeMap::from([(stem, value)]))
}

const SHAPES: &str =
    r#"a file is {"renditions": […]}, or {"name": {"renditions": […]}, …} (docs/profiles.md)"#;

fn only_or_web(by_name: &BTreeMap<String, Value>) -> anyhow::Result<String> {
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

/// A profile whose renditions fit into `sizes`, named after them.
fn beginning(sizes: &[String], args: &ProfilesArgs) -> anyhow::Result<Value> {
    let renditions = sizes.iter().map(|size| {
        let (width, height) = parsed(size).with_context(|| {
            format!("'{size}' is not a size: write WIDTHxHEIGHT in px, as 400x300")
        })?;
        let name = format!("{width}x{height}");
        Ok(json!({ "name": name, "width": width, "height": height, "format": args.format }))
    });
    let renditions = renditions.collect::<anyhow::Result<Vec<_>>>()?;
    let profile = json!({ "renditions": renditions });
    Profiles::from_json(&json!({ "sizes": profile }).to_string(), "sizes")?;
    Ok(profile)
}

fn parsed(size: &str) -> anyhow::Result<(u32, u32)> {
    let (width, height) = size.split_once('x').context("no x in it")?;
    let (width, height) = (width.trim().parse()?, height.trim().parse()?);
    ensure!(width > 0 && height > 0, "a side of 0 px");
    Ok((width, height))
}

fn table(profiles: &Profiles, default: &str) -> anyhow::Result<impl std::fmt::Display> {
    let mut rows = Vec::new();
    for name in profiles.names() {
        let mark = if name == default { " (default)" } else { "" };
        for (index, spec) in profiles.get(name)?.renditions.iter().enumerate() {
            let name = if index == 0 { format!("{name}{mark}") } else { String::new() };
            rows.push(vec![name, spec.name.to_string(), shape(spec), format(spec)]);
        }
    }
    Ok(report::table(&["profile", "rendition", "size", "format"], rows))
}

fn shape(spec: &RenditionSpec) -> String {
    let fit = if spec.fit == Fit::Cover { "cover " } else { "" };
    match (spec.width, spec.height) {
        (Some(width), Some(height)) => format!("{fit}{width}×{height}"),
        (Some(width), None) => format!("{width} wide"),
        (None, Some(height)) => format!("{height} high"),
        (None, None) => "the source's".to_owned(),
    }
}

fn format(spec: &RenditionSpec) -> String {
    let Target::Encoding(encoding) = spec.target else { return "the source's".to_owned() };
    let format = encoding.format().to_string();
    match encoding {
        Encoding::Jpeg { quality, .. }
        | Encoding::Webp { quality, .. }
        | Encoding::Avif { quality, .. } => format!("{format}, quality {}", quality.get()),
        Encoding::WebpLossless => format!("{format}, lossless"),
        Encoding::Png => format,
    }
}

fn pretty(profile: &Value) -> String {
    serde_json::to_string_pretty(profile).expect("JSON of ours is written without fail")
}
