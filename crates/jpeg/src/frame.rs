//! What the headers of a frame and of a scan say (T.81, B.2.2 and B.2.3).

use crate::idct::Scale;

/// A size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // they are their names
pub struct Size {
    pub width: u32,
    pub height: u32,
}

/// The header of a frame: the picture's size, and how its components are sampled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameHeader {
    /// The picture's size as it is stored. Either side may be 0.
    pub size: Size,
    /// One to four components.
    pub components: Vec<FrameComponent>,
}

/// One component of a frame, such as luma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameComponent {
    /// The number by which scans refer to it.
    pub id: u8,
    /// Horizontal sampling factor, 1 to 4.
    pub horizontal: u8,
    /// Vertical sampling factor, 1 to 4.
    pub vertical: u8,
    /// The number of its quantisation table.
    pub quant_table: u8,
}

/// Why a frame header is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameHeaderError {
    /// The segment is shorter than a frame header.
    #[error("the frame header is too short")]
    TooShort,
    /// Samples have another number of bits than 8.
    #[error("JPEG with {0} bits per sample")]
    Precision(u8),
    /// There are other numbers of components than one (grey), three (colours) and four (CMYK).
    #[error("JPEG with {0} components")]
    ComponentCount(u8),
    /// The components or their sampling factors are not what the standard allows.
    #[error("the frame header names impossible components")]
    Components,
    /// One component has one and a half times the samples of another.
    #[error("JPEG with fractional sampling factors")]
    FractionalSampling,
}

impl FrameHeader {
    /// Parses the body of a frame header's segment.
    ///
    /// Bytes after the last component are ignored.
    ///
    /// # Errors
    /// See [`FrameHeaderError`].
    pub fn parse(segment: &[u8]) -> Result<Self, FrameHeaderError> {
        let &[precision, h1, h0, w1, w0, count, ref rest @ ..] = segment else {
            return Err(FrameHeaderError::TooShort);
        };
        if precision != 8 {
            return Err(FrameHeaderError::Precision(precision));
        }
        let side = |bytes| u16::from_be_bytes(bytes).into();
        let component = |&[id, sampling, quant_table]: &[u8; 3]| FrameComponent {
            id,
            horizontal: sampling >> 4,
            vertical: sampling & 0xF,
            quant_table,
        };
        let components: Vec<_> = rest.as_chunks().0.iter().map(component).collect();
        let is_sampled = |component: &FrameComponent| {
            (1..=4).contains(&component.horizontal) && (1..=4).contains(&component.vertical)
        };
        if count == 0 || components.len() != usize::from(count) || !components.iter().all(is_sampled) {
            return Err(FrameHeaderError::Components);
        }
        if !matches!(count, 1 | 3 | 4) {
            return Err(FrameHeaderError::ComponentCount(count));
        }
        let frame = FrameHeader { size: Size { width: side([w1, w0]), height: side([h1, h0]) }, components };
        // libjpeg upsamples by whole factors only.
        let (across, down) = frame.max_mcu_blocks();
        let is_whole = |component| {
            let own = frame.mcu_blocks(component);
            across.is_multiple_of(own.0) && down.is_multiple_of(own.1)
        };
        if !(0..frame.components.len()).all(is_whole) {
            return Err(FrameHeaderError::FractionalSampling);
        }
        Ok(frame)
    }

    /// The blocks of a component in an MCU of a scan with all components, across and down.
    pub fn mcu_blocks(&self, component: usize) -> (u8, u8) {
        match &*self.components {
            // The MCUs of a single component are its blocks, whatever its sampling factors are (T.81, A.2.2).
            [_] => (1, 1),
            components => (components[component].horizontal, components[component].vertical),
        }
    }

    /// The blocks in an MCU of the component with the most samples, across and down.
    pub fn max_mcu_blocks(&self) -> (u8, u8) {
        let blocks = || (0..self.components.len()).map(|component| self.mcu_blocks(component));
        let (across, down) = (blocks().map(|(across, _)| across), blocks().map(|(_, down)| down));
        (across.max().unwrap_or(1), down.max().unwrap_or(1))
    }

    /// The blocks of all components in an MCU.
    pub(crate) fn total_mcu_blocks(&self) -> usize {
        let blocks = |component| {
            let (across, down) = self.mcu_blocks(component);
            usize::from(across) * usize::from(down)
        };
        (0..self.components.len()).map(blocks).sum()
    }

    /// The number of MCUs, across and down.
    pub fn mcus(&self) -> (u32, u32) {
        let (across, down) = self.max_mcu_blocks();
        let Size { width, height } = self.size;
        (width.div_ceil(8 * u32::from(across)), height.div_ceil(8 * u32::from(down)))
    }

    /// The size of a component when it is decoded at a scale. Its last row and column may reach beyond the picture.
    pub fn component_size(&self, component: usize, scale: Scale) -> Size {
        let (own, max) = (self.mcu_blocks(component), self.max_mcu_blocks());
        let eighths = u32::from(scale.eighths());
        let side = |pixels: u32, own: u8, max: u8| (pixels * u32::from(own) * eighths).div_ceil(8 * u32::from(max));
        Size { width: side(self.size.width, own.0, max.0), height: side(self.size.height, own.1, max.1) }
    }

    /// The size of a component's part of an MCU when it is decoded at a scale.
    pub fn mcu_size(&self, component: usize, scale: Scale) -> Size {
        let (across, down) = self.mcu_blocks(component);
        let side = u32::from(scale.eighths());
        Size { width: u32::from(across) * side, height: u32::from(down) * side }
    }
}

/// The header of a scan: which components it has, and which part of their coefficients.
///
/// Coefficients and bits have no meaning in a sequential scan, which holds everything. Samsung phones write 0 to 0 there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanHeader {
    /// The components of the scan.
    pub components: Vec<ScanComponent>,
    /// The first coefficient of each block that the scan has, in zigzag order.
    pub spectral_start: u8,
    /// The last coefficient of each block that the scan has, in zigzag order.
    pub spectral_end: u8,
    /// The lowest bit of the coefficients that is known after the scan. With 0, they are complete.
    pub lowest_bit: u8,
}

/// One component of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanComponent {
    /// The component's number in the frame header.
    pub id: u8,
    /// The number of its Huffman table for DC.
    pub dc_table: u8,
    /// The number of its Huffman table for AC.
    pub ac_table: u8,
}

impl ScanHeader {
    /// Parses the body of a scan header's segment. `None` if its length does not match its number of components.
    pub fn parse(segment: &[u8]) -> Option<Self> {
        let (&count, rest) = segment.split_first()?;
        let (components, spectral) = rest.split_at_checked(2 * usize::from(count))?;
        let component = |&[id, tables]: &[u8; 2]| ScanComponent { id, dc_table: tables >> 4, ac_table: tables & 0xF };
        let components = components.as_chunks().0.iter().map(component).collect();
        let &[spectral_start, spectral_end, bits] = spectral else { return None };
        Some(ScanHeader { components, spectral_start, spectral_end, lowest_bit: bits & 0xF })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A frame header of 70×50 px with these sampling factors.
    fn frame(sampling: &[u8]) -> Result<FrameHeader, FrameHeaderError> {
        let mut segment = vec![8, 0, 50, 0, 70, sampling.len().to_le_bytes()[0]];
        for (id, &sampling) in (1..).zip(sampling) {
            segment.extend([id, sampling, 0]);
        }
        FrameHeader::parse(&segment)
    }

    #[test]
    fn components_and_their_mcus_have_the_sizes_that_the_sampling_factors_say() {
        // Sampling factors, component, its size at full scale and at 3/8, MCUs.
        let cases: [(&[u8], usize, _, _, _); 5] = [
            (&[0x11], 0, (70, 50), (27, 19), (9, 7)),
            (&[0x22], 0, (70, 50), (27, 19), (9, 7)), // a single component has MCUs of one block
            (&[0x22, 0x11, 0x11], 0, (70, 50), (27, 19), (5, 4)),
            (&[0x22, 0x11, 0x11], 1, (35, 25), (14, 10), (5, 4)),
            (&[0x41, 0x11, 0x21], 2, (35, 50), (14, 19), (3, 7)),
        ];
        for (sampling, component, full, three_eighths, mcus) in cases {
            let frame = frame(sampling).unwrap();
            let size = |scale| {
                let Size { width, height } = frame.component_size(component, scale);
                (width, height)
            };
            assert_eq!(size(Scale::Full), full, "{sampling:x?}");
            assert_eq!(size(Scale::ThreeEighths), three_eighths, "{sampling:x?}");
            assert_eq!(frame.mcus(), mcus, "{sampling:x?}");
        }
    }

    #[test]
    fn impossible_components_are_refused() {
        for sampling in [&[][..], &[0x01], &[0x10], &[0x15], &[0x11, 0x11, 0x51]] {
            assert_eq!(frame(sampling), Err(FrameHeaderError::Components), "{sampling:x?}");
        }
        for count in [2, 5] {
            let error = FrameHeaderError::ComponentCount(count);
            assert_eq!(frame(&vec![0x11; count.into()]), Err(error));
        }
        for (sampling, is_whole) in [
            ([0x31, 0x11, 0x11], true),
            ([0x11, 0x22, 0x22], true), // chroma may be larger than luma
            ([0x31, 0x21, 0x11], false),
            ([0x22, 0x13, 0x11], false),
        ] {
            let expected = if is_whole { None } else { Some(FrameHeaderError::FractionalSampling) };
            assert_eq!(frame(&sampling).err(), expected, "{sampling:x?}");
        }
        let sound = [8, 0, 50, 0, 70, 1, 1, 0x11, 0];
        for len in 0..sound.len() {
            assert!(FrameHeader::parse(&sound[..len]).is_err(), "{len} bytes");
        }
        assert!(FrameHeader::parse(&sound).is_ok());
    }
}
