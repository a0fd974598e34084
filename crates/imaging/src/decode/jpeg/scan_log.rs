//! Which coefficients the scans of a JPEG hold so far.
//!
//! A file may lack its EOI marker. Only if its scans hold every bit of every coefficient, its end can be taken for the end
//! of the picture: a progressive file that was cut between two scans looks the same otherwise.

use baseline_jpeg::{FrameHeader, ScanHeader};

/// The scans of a frame so far.
#[derive(Default)]
pub(super) struct ScanLog {
    is_progressive: bool,
    /// Empty before the frame header.
    components: Vec<LoggedComponent>,
}

struct LoggedComponent {
    id: u8,
    /// By coefficient, in zigzag order: the lowest bit that is known.
    lowest_bits: [u8; 64],
}

/// No bit is known. More than any number of a bit.
const UNKNOWN: u8 = 16;

impl ScanLog {
    pub(super) fn start_frame(&mut self, frame: &FrameHeader, is_progressive: bool) {
        let component = |id| LoggedComponent { id, lowest_bits: [UNKNOWN; 64] };
        self.components = frame.components.iter().map(|found| component(found.id)).collect();
        self.is_progressive = is_progressive;
    }

    /// Adds a scan whose header was read.
    pub(super) fn add(&mut self, scan: &ScanHeader) {
        let (coefficients, lowest_bit) = match self.is_progressive {
            true => (usize::from(scan.spectral_start)..=usize::from(scan.spectral_end), scan.lowest_bit),
            false => (0..=63, 0),
        };
        for component in &mut self.components {
            let is_in_scan = scan.components.iter().any(|found| found.id == component.id);
            if let Some(bits) = component.lowest_bits.get_mut(coefficients.clone()).filter(|_| is_in_scan) {
                bits.fill(lowest_bit);
            }
        }
    }

    /// Whether each component of the frame had a scan with its means, so that none of them is blank.
    pub(super) fn has_all_components(&self) -> bool {
        self.components.iter().all(|component| component.lowest_bits[0] != UNKNOWN)
    }

    /// Whether the scans hold every bit of every coefficient.
    pub(super) fn is_complete(&self) -> bool {
        let is_complete = |component: &LoggedComponent| component.lowest_bits.iter().all(|&bit| bit == 0);
        !self.components.is_empty() && self.components.iter().all(is_complete)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn log(is_progressive: bool) -> ScanLog {
        let frame = FrameHeader::parse(&[8, 0, 9, 0, 9, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]).unwrap();
        let mut log = ScanLog::default();
        log.start_frame(&frame, is_progressive);
        log
    }

    /// A scan of these components, with Ss, Se and Al.
    fn scan(ids: &[u8], [start, end, low]: [u8; 3]) -> ScanHeader {
        let count = ids.len().to_le_bytes()[0];
        let components: Vec<u8> = ids.iter().flat_map(|&id| [id, 0]).collect();
        ScanHeader::parse(&[&[count], &components[..], &[start, end, low]].concat()).unwrap()
    }

    #[test]
    fn a_progressive_picture_is_complete_with_the_last_bit_of_its_last_coefficient() {
        let mut log = log(true);
        let scans: [(&[u8], [u8; 3]); 7] = [
            (&[1, 2, 3], [0, 0, 1]),
            (&[1], [1, 63, 0]),
            (&[2], [1, 63, 0]),
            (&[3], [1, 5, 0]),
            (&[3], [6, 63, 1]),
            (&[1, 2, 3], [0, 0, 0]),
            (&[3], [6, 63, 0]),
        ];
        for (number, (ids, parameters)) in scans.into_iter().enumerate() {
            assert!(!log.is_complete(), "before scan {number}");
            log.add(&scan(ids, parameters));
        }
        assert!(log.is_complete());
    }

    #[test]
    fn a_sequential_picture_is_complete_with_its_last_component_whatever_the_scans_say() {
        let mut log = log(false);
        for id in [1, 2, 3] {
            assert!(!log.has_all_components() && !log.is_complete());
            log.add(&scan(&[id], [0, 0, 1]));
        }
        assert!(log.has_all_components() && log.is_complete());
    }

    #[test]
    fn impossible_parameters_add_nothing() {
        let mut log = log(true);
        for parameters in [[0, 64, 0], [5, 3, 0], [255, 255, 0]] {
            log.add(&scan(&[1, 2, 3], parameters));
        }
        assert!(!log.has_all_components() && !log.is_complete());
    }
}
