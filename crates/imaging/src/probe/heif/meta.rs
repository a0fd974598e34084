//! The `meta` box of a HEIF file (ISO/IEC 14496-12, section 8.11): its items, where they lie, what they refer to, and
//! their properties.
//!
//! A file can list a million items. Nothing is kept of the lists: [`Meta`] searches them for the few items that the
//! primary picture is made of.

use std::ops::Range;

use super::boxes::{Boxes, Fields, Name};
use super::corrupt;
use crate::Rejection;

/// The identifier of an item.
pub(super) type ItemId = u32;

/// A `meta` box whose lists are read when they are asked for.
pub(super) struct Meta<'a> {
    pub(super) handler: Name,
    pub(super) primary: Option<ItemId>,
    item_infos: &'a [u8],
    locations: &'a [u8],
    references: &'a [u8],
    properties: Vec<Property<'a>>,
    associations: Vec<&'a [u8]>,
    /// Where the content of `idat` lies in the file.
    item_data: Range<u64>,
}

/// A property of items.
#[derive(Clone, Copy)]
pub(super) struct Property<'a> {
    pub(super) name: Name,
    pub(super) content: &'a [u8],
}

/// An item that the picture is made of.
#[derive(Clone, Default)]
pub(super) struct Item<'a> {
    pub(super) id: ItemId,
    /// What the item is: a picture that is coded in some format, a grid of others, metadata.
    pub(super) kind: Name,
    pub(super) is_encrypted: bool,
    /// Its properties, in the order in which they apply, and whether a reader must know them.
    pub(super) properties: Vec<(Property<'a>, Essential)>,
    /// Where its bytes lie in the file, in order. The end is [`u64::MAX`] if they reach to the end of the file.
    pub(super) extents: Vec<Range<u64>>,
}

/// Whether a reader that does not know a property must not show the item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Essential {
    Yes,
    No,
}

impl Default for Property<'_> {
    fn default() -> Self {
        Property { name: *b"free", content: &[] }
    }
}

impl<'a> Item<'a> {
    /// The content of its first property with this name.
    pub(super) fn property(&self, name: &Name) -> Option<&'a [u8]> {
        self.all_properties(name).next()
    }

    /// The contents of its properties with this name.
    pub(super) fn all_properties(&self, name: &Name) -> impl Iterator<Item = &'a [u8]> {
        self.properties.iter().filter(move |(property, _)| property.name == *name).map(|(property, _)| property.content)
    }
}

/// Limit on the pieces that the bytes of all items are in. Writers use one piece for each item.
const MAX_EXTENTS: usize = 100_000;

/// Limit on the properties of one item. Writers use about ten.
const MAX_PROPERTIES: usize = 64;

impl<'a> Meta<'a> {
    /// Reads the content of a `meta` box, which begins at `offset` in the file.
    pub(super) fn parse(content: &'a [u8], offset: u64) -> Result<Self, Rejection> {
        let mut meta = Meta {
            handler: [0; 4],
            primary: None,
            item_infos: &[],
            locations: &[],
            references: &[],
            properties: Vec::new(),
            associations: Vec::new(),
            item_data: 0..0,
        };
        let mut fields = Fields::new(content);
        fields.version_and_flags()?;
        let mut children = Boxes::within(fields.rest);
        while let Some(child) = children.next() {
            let (name, child) = child?;
            match &name {
                b"hdlr" => {
                    let mut fields = Fields::new(child);
                    fields.bytes(8)?;
                    meta.handler = fields.name()?;
                }
                b"pitm" => {
                    let mut fields = Fields::new(child);
                    let (version, _) = fields.version_and_flags()?;
                    meta.primary = Some(fields.u16_or_u32(version > 0)?);
                }
                b"iinf" => meta.item_infos = child,
                b"iloc" => meta.locations = child,
                b"iref" => meta.references = child,
                b"iprp" => meta.read_properties(child)?,
                b"idat" => {
                    let start = offset + (content.len() - children.rest.len() - child.len()) as u64;
                    meta.item_data = start..start + child.len() as u64;
                }
                _ => {}
            }
        }
        Ok(meta)
    }

    fn read_properties(&mut self, content: &'a [u8]) -> Result<(), Rejection> {
        // An association has 15 bits for a property.
        const MOST: usize = 1 << 15;
        for child in Boxes::within(content) {
            match child? {
                (name, container) if name == *b"ipco" => {
                    for property in Boxes::within(container).take(MOST) {
                        let (name, content) = property?;
                        self.properties.push(Property { name, content });
                    }
                }
                (name, associations) if name == *b"ipma" && self.associations.len() < MOST => {
                    self.associations.push(associations);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The items that `from` refers to by references with this name, in order. At most `limit` are returned.
    pub(super) fn referenced_by(&self, from: ItemId, name: &Name, limit: usize) -> Result<Vec<ItemId>, Rejection> {
        let mut found = Vec::new();
        self.each_reference(name, |source, target| {
            if source == from && found.len() < limit {
                found.push(target);
            }
        })?;
        Ok(found)
    }

    /// The items that refer to `to` by references with this name. At most `limit` are returned.
    pub(super) fn referring_to(&self, to: ItemId, name: &Name, limit: usize) -> Result<Vec<ItemId>, Rejection> {
        let mut found = Vec::new();
        self.each_reference(name, |source, target| {
            if target == to && found.len() < limit {
                found.push(source);
            }
        })?;
        Ok(found)
    }

    fn each_reference(&self, name: &Name, mut visit: impl FnMut(ItemId, ItemId)) -> Result<(), Rejection> {
        if self.references.is_empty() {
            return Ok(());
        }
        let mut fields = Fields::new(self.references);
        let (version, _) = fields.version_and_flags()?;
        for reference in Boxes::within(fields.rest) {
            let (found, content) = reference?;
            if found != *name {
                continue;
            }
            let mut fields = Fields::new(content);
            let from = fields.u16_or_u32(version > 0)?;
            for _ in 0..fields.u16()? {
                visit(from, fields.u16_or_u32(version > 0)?);
            }
        }
        Ok(())
    }

    /// One item.
    pub(super) fn item(&self, id: ItemId) -> Result<Item<'a>, Rejection> {
        self.items(&[id])?.pop().ok_or_else(|| corrupt("an item is missing"))
    }

    /// The items with these identifiers, sorted by identifier and each once. Each list of the box is read once.
    pub(super) fn items(&self, ids: &[ItemId]) -> Result<Vec<Item<'a>>, Rejection> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut items: Vec<Item<'a>> = ids.iter().map(|&id| Item { id, ..Item::default() }).collect();
        self.add_kinds(&mut items)?;
        self.add_properties(&mut items)?;
        self.add_extents(&mut items)?;
        match items.iter().find(|item| item.kind == [0; 4]) {
            Some(item) => Err(corrupt(format_args!("item {} does not exist", item.id))),
            None => Ok(items),
        }
    }

    fn add_kinds(&self, items: &mut [Item<'a>]) -> Result<(), Rejection> {
        let mut fields = Fields::new(self.item_infos);
        let (version, _) = fields.version_and_flags()?;
        fields.u16_or_u32(version > 0)?;
        for info in Boxes::within(fields.rest) {
            let (name, content) = info?;
            if name != *b"infe" {
                continue;
            }
            let mut fields = Fields::new(content);
            let (version, _) = fields.version_and_flags()?;
            // Older versions have no kind.
            if version < 2 {
                continue;
            }
            let id = fields.u16_or_u32(version > 2)?;
            if let Some(item) = find(items, id) {
                item.is_encrypted = fields.u16()? > 0;
                item.kind = fields.name()?;
            }
        }
        Ok(())
    }

    fn add_properties(&self, items: &mut [Item<'a>]) -> Result<(), Rejection> {
        for associations in &self.associations {
            let mut fields = Fields::new(associations);
            let (version, flags) = fields.version_and_flags()?;
            let has_wide_index = flags & 1 > 0;
            for _ in 0..fields.u32()? {
                let id = fields.u16_or_u32(version > 0)?;
                let count = fields.u8()?;
                let mut list = Fields::new(fields.bytes(usize::from(count) * if has_wide_index { 2 } else { 1 })?);
                let Some(item) = find(items, id) else { continue };
                for _ in 0..count {
                    let (is_essential, index) = if has_wide_index {
                        let entry = list.u16()?;
                        (entry >> 15 > 0, entry & 0x7FFF)
                    } else {
                        let entry = list.u8()?;
                        (entry >> 7 > 0, u16::from(entry & 0x7F))
                    };
                    // 0 stands for no property.
                    let Some(index) = index.checked_sub(1) else { continue };
                    let property = self.properties.get(usize::from(index));
                    let property = *property.ok_or_else(|| corrupt("an item has a property that does not exist"))?;
                    if item.properties.len() == MAX_PROPERTIES {
                        return Err(corrupt(format_args!("an item has more than {MAX_PROPERTIES} properties")));
                    }
                    item.properties.push((property, if is_essential { Essential::Yes } else { Essential::No }));
                }
            }
        }
        Ok(())
    }

    fn add_extents(&self, items: &mut [Item<'a>]) -> Result<(), Rejection> {
        if self.locations.is_empty() {
            return Ok(());
        }
        let mut fields = Fields::new(self.locations);
        let (version, _) = fields.version_and_flags()?;
        let (sizes, more_sizes) = (fields.u8()?, fields.u8()?);
        let (offset_len, len_len, base_len) = (sizes >> 4, sizes & 15, more_sizes >> 4);
        let index_len = if version > 0 { more_sizes & 15 } else { 0 };
        let extent_len = usize::from(index_len) + usize::from(offset_len) + usize::from(len_len);
        let mut extents = 0;
        for _ in 0..fields.u16_or_u32(version > 1)? {
            let id = fields.u16_or_u32(version > 1)?;
            let construction = if version > 0 { fields.u16()? & 15 } else { 0 };
            let is_in_other_file = fields.u16()? > 0;
            let base = fields.number(base_len)?;
            let count = usize::from(fields.u16()?);
            let mut list = Fields::new(fields.bytes(count * extent_len)?);
            let Some(item) = find(items, id) else { continue };
            if is_in_other_file {
                return Err(Rejection::unsupported("HEIF whose pixels are in another file"));
            }
            // 0: within the file. 1: within `idat`. 2: within other items.
            let container = match construction {
                0 => 0..u64::MAX,
                1 => self.item_data.clone(),
                _ => return Err(Rejection::unsupported("HEIF with items that are made of other items")),
            };
            extents += count;
            if extents > MAX_EXTENTS {
                let message = format_args!("its pixels are in more than {MAX_EXTENTS} pieces");
                return Err(corrupt(message));
            }
            for _ in 0..count {
                list.number(index_len)?;
                let (offset, len) = (list.number(offset_len)?, list.number(len_len)?);
                item.extents.push(place(&container, [base, offset], len)?);
            }
        }
        Ok(())
    }
}

/// Where an extent lies in the file. A length of 0 means all up to the end of the container.
fn place(container: &Range<u64>, offsets: [u64; 2], len: u64) -> Result<Range<u64>, Rejection> {
    let outside = || corrupt("an item lies outside the file");
    let start = offsets.iter().try_fold(container.start, |sum, &offset| sum.checked_add(offset)).ok_or_else(outside)?;
    let end = if len == 0 { container.end } else { start.checked_add(len).ok_or_else(outside)? };
    if start > end || end > container.end { Err(outside()) } else { Ok(start..end) }
}

/// The item with this identifier, among items that are sorted by it.
fn find<'i, 'a>(items: &'i mut [Item<'a>], id: ItemId) -> Option<&'i mut Item<'a>> {
    items.binary_search_by_key(&id, |item| item.id).ok().map(|index| &mut items[index])
}
