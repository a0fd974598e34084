//! Writes HEIF files around coded pictures.

/// The pixels of a picture that has one item, and its configuration.
#[derive(Clone)]
pub(crate) struct Coded {
    pub(crate) kind: [u8; 4],
    /// `hvcC` or `av1C`, and its content.
    pub(crate) config: ([u8; 4], Vec<u8>),
    pub(crate) bytes: Vec<u8>,
}

impl Coded {
    /// The only picture of a file that `heif-enc` wrote.
    pub(crate) fn of_file(file: &[u8]) -> Self {
        let content = |name: &[u8; 4]| {
            let at = file.windows(4).position(|four| four == name).unwrap() + 4;
            let len = u32::from_be_bytes(file[at - 8..at - 4].try_into().unwrap()) as usize;
            file[at..at - 8 + len].to_vec()
        };
        let (kind, config) =
            if file.windows(4).any(|four| four == b"av1C") { (*b"av01", *b"av1C") } else { (*b"hvc1", *b"hvcC") };
        Coded { kind, config: (config, content(&config)), bytes: content(b"mdat") }
    }
}

/// A file with any items.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) brand: [u8; 4],
    pub(crate) handler: [u8; 4],
    pub(crate) primary: u32,
    pub(crate) items: Vec<Item>,
    /// Name, from, to.
    pub(crate) references: Vec<([u8; 4], u32, Vec<u32>)>,
    pub(crate) order: Order,
    /// Whether item identifiers have 32 bits.
    pub(crate) has_wide_ids: bool,
    /// Boxes between `ftyp` and the others.
    pub(crate) first_boxes: Vec<u8>,
}

/// Which box comes first.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Order {
    MetaFirst,
    PixelsFirst,
}

/// An item.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) id: u32,
    pub(crate) kind: [u8; 4],
    pub(crate) properties: Vec<Property>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) place: Place,
}

/// Name, content, and whether readers must know it.
pub(crate) type Property = ([u8; 4], Vec<u8>, bool);

/// Where the bytes of an item are.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Place {
    /// In `mdat`, in this many pieces.
    Pixels(usize),
    /// In `idat`.
    Meta,
}

impl Item {
    /// A coded picture of this size.
    pub(crate) fn coded(id: u32, coded: &Coded, size: (u32, u32)) -> Self {
        let (name, config) = coded.config.clone();
        Item {
            id,
            kind: coded.kind,
            properties: vec![(name, config, true), ispe(size)],
            bytes: coded.bytes.clone(),
            place: Place::Pixels(1),
        }
    }

    /// A grid of this many columns and rows.
    pub(crate) fn grid(id: u32, columns: u8, rows: u8, size: (u16, u16)) -> Self {
        let mut bytes = vec![0, 0, rows - 1, columns - 1];
        bytes.extend(size.0.to_be_bytes());
        bytes.extend(size.1.to_be_bytes());
        let properties = vec![ispe((size.0.into(), size.1.into()))];
        Item { id, kind: *b"grid", properties, bytes, place: Place::Meta }
    }

    /// An item without bytes, such as one that is derived from others.
    pub(crate) fn empty(id: u32, kind: &[u8; 4], properties: Vec<Property>) -> Self {
        Item { id, kind: *kind, properties, bytes: Vec::new(), place: Place::Meta }
    }

    pub(crate) fn with(mut self, property: Property) -> Self {
        self.properties.push(property);
        self
    }
}

pub(crate) fn ispe((width, height): (u32, u32)) -> Property {
    (*b"ispe", [[0; 4], width.to_be_bytes(), height.to_be_bytes()].concat(), false)
}

/// A quarter turn counter-clockwise, this many times.
pub(crate) fn irot(quarters: u8) -> Property {
    (*b"irot", vec![quarters], true)
}

/// 0 exchanges top and bottom, 1 left and right.
pub(crate) fn imir(axis: u8) -> Property {
    (*b"imir", vec![axis], true)
}

/// A clean aperture: numerators of its width, its height and its offsets; the offsets are halves.
pub(crate) fn clap(width: u32, height: u32, right: i32, down: i32) -> Property {
    let (right, down) = (right.cast_unsigned(), down.cast_unsigned());
    let numbers = [width, 1, height, 1, right, 2, down, 2];
    (*b"clap", numbers.into_iter().flat_map(u32::to_be_bytes).collect(), true)
}

pub(crate) fn nclx(primaries: u16, transfer: u16, matrix: u16, is_full_range: bool) -> Property {
    let numbers = [primaries, transfer, matrix].into_iter().flat_map(u16::to_be_bytes);
    let content = b"nclx".iter().copied().chain(numbers).chain([u8::from(is_full_range) << 7]);
    (*b"colr", content.collect(), false)
}

pub(crate) fn icc(profile: &[u8]) -> Property {
    (*b"colr", [b"prof", profile].concat(), false)
}

pub(crate) fn aux_alpha() -> Property {
    (*b"auxC", b"\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0".to_vec(), true)
}

impl File {
    /// A file with these items. The first is the primary one.
    pub(crate) fn new(items: Vec<Item>) -> Self {
        File {
            brand: *b"heic",
            handler: *b"pict",
            primary: items[0].id,
            items,
            references: Vec::new(),
            order: Order::MetaFirst,
            has_wide_ids: false,
            first_boxes: Vec::new(),
        }
    }

    pub(crate) fn refer(mut self, name: &[u8; 4], from: u32, to: &[u32]) -> Self {
        self.references.push((*name, from, to.to_vec()));
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let file_type = boxed(b"ftyp", &[&self.brand[..], &[0; 4], b"mif1", &self.brand].concat());
        let start = [file_type, self.first_boxes.clone()].concat();
        let pixels: Vec<u8> =
            self.items.iter().filter(|item| item.place != Place::Meta).flat_map(|item| item.bytes.clone()).collect();
        let media = boxed(b"mdat", &pixels);
        match self.order {
            Order::PixelsFirst => {
                let meta = self.meta(start.len() + 8);
                [start, media, meta].concat()
            }
            Order::MetaFirst => {
                let meta_len = self.meta(0).len();
                let meta = self.meta(start.len() + meta_len + 8);
                [start, meta, media].concat()
            }
        }
    }

    fn id(&self, id: u32) -> Vec<u8> {
        if self.has_wide_ids { id.to_be_bytes().to_vec() } else { u16::try_from(id).unwrap().to_be_bytes().to_vec() }
    }

    fn meta(&self, pixels_at: usize) -> Vec<u8> {
        let wide = u8::from(self.has_wide_ids);
        let handler = full_box(b"hdlr", 0, 0, &[&[0; 4][..], &self.handler, &[0; 13]].concat());
        let primary = full_box(b"pitm", wide, 0, &self.id(self.primary));

        let mut infos = if self.has_wide_ids { len32(self.items.len()) } else { len16(self.items.len()) };
        let (mut properties, mut associations) = (Vec::new(), len32(self.items.len()));
        let mut number = 0u16;
        let mut locations = vec![0x44, 0x00];
        locations.extend(if self.has_wide_ids { len32(self.items.len()) } else { len16(self.items.len()) });
        let (mut data, mut at) = (Vec::new(), pixels_at);
        for item in &self.items {
            infos.extend(full_box(b"infe", 2 + wide, 0, &[&self.id(item.id)[..], &[0; 2], &item.kind, &[0]].concat()));
            associations.extend(self.id(item.id));
            associations.push(u8::try_from(item.properties.len()).unwrap());
            for (name, content, is_essential) in &item.properties {
                properties.extend(boxed(name, content));
                number += 1;
                associations.extend((number | u16::from(*is_essential) << 15).to_be_bytes());
            }
            locations.extend(self.id(item.id));
            let (construction, offset, pieces) = match item.place {
                Place::Pixels(pieces) => (0u16, &mut at, pieces.min(item.bytes.len())),
                Place::Meta => {
                    let offset = data.len();
                    data.extend_from_slice(&item.bytes);
                    (1, &mut { offset }, usize::from(!item.bytes.is_empty()))
                }
            };
            locations.extend(construction.to_be_bytes());
            locations.extend([0; 2]);
            locations.extend(len16(pieces));
            let piece_len = item.bytes.len().div_ceil(pieces.max(1)).max(1);
            for piece in item.bytes.chunks(piece_len) {
                locations.extend([len32(*offset), len32(piece.len())].concat());
                *offset += piece.len();
            }
        }
        let mut references = Vec::new();
        for (name, from, to) in &self.references {
            let ids: Vec<u8> = to.iter().flat_map(|&id| self.id(id)).collect();
            references.extend(boxed(name, &[self.id(*from), len16(to.len()), ids].concat()));
        }
        let content = [
            handler,
            primary,
            full_box(b"iinf", wide, 0, &infos),
            full_box(b"iref", wide, 0, &references),
            boxed(b"iprp", &[boxed(b"ipco", &properties), full_box(b"ipma", wide, 1, &associations)].concat()),
            full_box(b"iloc", 1 + wide, 0, &locations),
            boxed(b"idat", &data),
        ];
        full_box(b"meta", 0, 0, &content.concat())
    }
}

fn len16(len: usize) -> Vec<u8> {
    u16::try_from(len).unwrap().to_be_bytes().to_vec()
}

fn len32(len: usize) -> Vec<u8> {
    u32::try_from(len).unwrap().to_be_bytes().to_vec()
}

pub(crate) fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&len32(8 + content.len())[..], name, content].concat()
}

pub(crate) fn full_box(name: &[u8; 4], version: u8, flags: u8, content: &[u8]) -> Vec<u8> {
    boxed(name, &[&[version, 0, 0, flags], content].concat())
}
