//! Options of `darkroom chart`.

use std::path::PathBuf;

use clap::Args;

use super::parse::parse_megapixels;

const EXAMPLES: &str = "\
Examples:
  darkroom chart chart.jpg
  darkroom chart - | darkroom render --out thumbs -
  darkroom chart --landscape landscape.jpg
  darkroom chart --megapixels 2 --orientation 6 chart.jpg && darkroom upload --stack darkroom-dev chart.jpg";

/// Draw a JPEG to test a stack with: a test chart or a landscape, 4:3.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ChartArgs {
    /// Output file: a new file that ends in .jpg, or - for standard output.
    #[arg(value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    pub(crate) force: bool,
    /// Draw a landscape, which compresses like a photograph, instead of the chart.
    #[arg(long)]
    pub(crate) landscape: bool,
    /// Approximate number of megapixels.
    #[arg(long, value_name = "0.01-200", default_value = "12", value_parser = parse_megapixels)]
    pub(crate) megapixels: f64,
    /// EXIF orientation of the file. The picture looks the same with each value once it is oriented.
    #[arg(long, value_name = "1-8", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) orientation: u8,
}
