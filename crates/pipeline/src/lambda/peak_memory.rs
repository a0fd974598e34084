//! How much memory a process has held, as Linux says.

use std::fs;

use super::metrics::{Dimension, Measure, Metric};

/// Reads the kernel's high-water mark, against what the function has.
#[derive(Debug)]
pub(crate) struct MemoryUse {
    /// None where nobody says: not in a function.
    size_mb: Option<f64>,
}

impl MemoryUse {
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, in MB, is set by Lambda.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let size_mb = lookup("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").and_then(|size| size.parse().ok());
        Self { size_mb }
    }

    /// Puts the high-water mark where the memory stands now. Where the kernel does not allow it, the mark stays
    /// that of the process's life, which is the larger and so the safer.
    pub(crate) fn begin(&self) {
        // proc(5): 5 resets the peak resident set size.
        let _ = fs::write("/proc/self/clear_refs", "5");
    }

    /// What was held since; nothing where the kernel does not say.
    pub(crate) fn measures(&self, by: Vec<(Dimension, String)>) -> Vec<Measure> {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let Some(peak_mb) = peak_mb(&status) else { return Vec::new() };
        let mut measures = vec![Measure { metric: Metric::PeakMemory, value: peak_mb, by }];
        if let Some(size_mb) = self.size_mb {
            let value = 100.0 * peak_mb / size_mb;
            measures.push(Measure { metric: Metric::MemoryUse, value, by: Vec::new() });
        }
        measures
    }
}

/// The high-water mark of the resident set in `/proc/self/status`, in MB.
fn peak_mb(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_from_the_kernels_table() {
        let status =
            "Name:\tresize\nVmPeak:\t  900000 kB\nVmHWM:\t   18432 kB\nVmRSS:\t   12288 kB\n";
        assert_eq!(peak_mb(status), Some(18.0));
        assert_eq!(peak_mb("Name:\tresize\n"), None);
    }

    #[test]
    fn it_is_told_in_per_cent_of_what_the_function_has() {
        let memory = MemoryUse::read(|_| Some("1024".to_owned()));
        let told = memory.measures(Vec::new());
        assert_eq!(told.len(), 2, "on Linux");
        let (peak, used) = (told[0].value, told[1].value);
        assert!(peak > 0.0);
        assert!((used - peak / 10.24).abs() < 1e-9);
    }
}
