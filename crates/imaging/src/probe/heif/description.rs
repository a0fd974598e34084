//! The primary picture: which items it is made of, how they are coded, and how it is shown.

use std::ops::Range;

use super::boxes::{Name, text};
use super::codec::{Codec, CodecConfig, Layout};
use super::colour::{Colours, Nclx};
use super::corrupt;
use super::grid::Grid;
use super::meta::{Essential, Item, ItemId, Meta};
use super::transforms::Transforms;
use crate::geometry::Rect;
use crate::probe::header_bytes::{HeaderBytes, Stop};
use crate::{Orientation, Rejection, Size};

/// The primary picture of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Description {
    /// The part of the coded picture that is shown.
    pub(crate) crop: Rect,
    /// How that part is oriented.
    pub(crate) orientation: Orientation,
    pub(crate) colours: CodedImage,
    /// The alpha channel, which has the size of the coded picture and no chroma that matters.
    pub(crate) alpha: Option<CodedImage>,
    /// Whether colours were multiplied by alpha.
    pub(crate) is_premultiplied: bool,
    /// The ICC profile, if it is not too long.
    pub(crate) profile: Option<Vec<u8>>,
    /// The code points of its colours. Without them, those in the coded pixels count.
    pub(crate) nclx: Option<Nclx>,
}

/// A coded picture: one item, or a grid of items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CodedImage {
    /// The size of the whole picture.
    pub(crate) size: Size,
    /// The size of each tile. Tiles at the right and at the bottom may reach beyond the picture.
    pub(crate) tile: Size,
    pub(crate) columns: u32,
    /// The tiles, row by row.
    pub(crate) tiles: Vec<Tile>,
    /// The different configurations of the tiles. Layout and bit depth are the same in all.
    pub(crate) configs: Vec<CodecConfig>,
    /// Where the tiles' bytes lie in the file. The end is [`u64::MAX`] if they reach to the end of the file.
    pub(crate) extents: Vec<Range<u64>>,
}

/// A tile of a coded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tile {
    /// Which of the configurations it has.
    pub(crate) config: usize,
    /// Which of the extents are its bytes, in order.
    pub(crate) extents: Range<usize>,
}

/// Limit on the configurations of a grid. Writers give all tiles the same one.
const MAX_CONFIGS: usize = 64;

/// Limit on pictures that stand for others, one within the other (`iden`).
const MAX_DERIVATIONS: usize = 8;

/// The properties that are read, or that change nothing in how a picture is shown here.
const KNOWN_PROPERTIES: [&Name; 22] = [
    b"hvcC", b"av1C", b"ispe", b"colr", b"pixi", b"irot", b"imir", b"clap", b"auxC", b"a1op", b"a1lx", b"lsel",
    b"pasp", b"clli", b"mdcv", b"cclv", b"amve", b"rloc", b"udes", b"altt", b"crtt", b"mdft",
];

impl CodedImage {
    /// The codec of all tiles.
    pub(crate) fn codec(&self) -> Codec {
        self.configs[0].codec
    }

    /// Where all tiles have chroma.
    pub(crate) fn layout(&self) -> Layout {
        self.configs[0].layout
    }

    /// Bits of the samples of all tiles.
    pub(crate) fn bits(&self) -> u8 {
        self.configs[0].bits
    }

    /// The picture of an item, which is a coded picture or a grid of them.
    fn read(item: &Item<'_>, meta: &Meta<'_>, bytes: &HeaderBytes<'_>) -> Result<Self, Stop> {
        if item.kind != *b"grid" {
            let tile = stated_size(item)?;
            let grid = Grid { columns: 1, rows: 1, size: tile };
            return Ok(CodedImage::of_tiles(grid, tile, &[item.id], std::slice::from_ref(item))?);
        }
        let mut content = Vec::new();
        for extent in &item.extents {
            let missing = Grid::MAX_BYTES - content.len() as u64;
            content.extend(bytes.get_anywhere(extent.start, missing.min(extent.end - extent.start))?);
        }
        let grid = Grid::parse(&content)?;
        let count = grid.columns as usize * grid.rows as usize;
        let ids = meta.referenced_by(item.id, b"dimg", count + 1)?;
        if ids.len() != count {
            let found = if ids.len() > count { "more".to_owned() } else { ids.len().to_string() };
            return Err(corrupt(format_args!("its grid has {count} tiles, and refers to {found}")).into());
        }
        let items = meta.items(&ids)?;
        if items.iter().any(Transforms::are_in) {
            return Err(Rejection::unsupported("HEIF with a grid of rotated or cropped tiles").into());
        }
        let tile = stated_size(&items[0])?;
        Ok(CodedImage::of_tiles(grid, tile, &ids, &items)?)
    }

    /// A picture of tiles with these identifiers. `items` are sorted by identifier.
    fn of_tiles(grid: Grid, tile: Size, ids: &[ItemId], items: &[Item<'_>]) -> Result<Self, Rejection> {
        grid.judge_tile(tile)?;
        let (mut configs, mut extents) = (Vec::<CodecConfig>::new(), Vec::new());
        let mut tiles_of_items = Vec::with_capacity(items.len());
        for item in items {
            // Pictures of other codecs have properties of their own, and the codec says more than these.
            let config = CodecConfig::of(item)?;
            judge_properties(item)?;
            if stated_size(item)? != tile {
                return Err(corrupt("the tiles of its grid have different sizes"));
            }
            let known = configs.iter().position(|known| *known == config);
            let index = known.unwrap_or(configs.len());
            if known.is_none() {
                configs.push(config);
            }
            let start = extents.len();
            extents.extend_from_slice(&item.extents);
            if extents.len() == start {
                return Err(corrupt("its picture has no bytes"));
            }
            tiles_of_items.push(Tile { config: index, extents: start..extents.len() });
        }
        let is_like_first = |config: &CodecConfig| {
            let CodecConfig { codec, layout, bits, .. } = configs[0];
            (config.codec, config.layout, config.bits) == (codec, layout, bits)
        };
        if configs.len() > MAX_CONFIGS || !configs.iter().all(is_like_first) {
            return Err(corrupt("the tiles of its grid are coded in different ways"));
        }
        let (across, down) = configs[0].layout.subsampling();
        if ids.len() > 1 && !(tile.width.is_multiple_of(across) && tile.height.is_multiple_of(down)) {
            return Err(corrupt("the tiles of its grid have an odd size"));
        }
        let tile_of =
            |id| items.binary_search_by_key(id, |item: &Item<'_>| item.id).map(|index| tiles_of_items[index].clone());
        let tiles = ids.iter().map(tile_of).collect::<Result<_, _>>().map_err(|_| corrupt("a tile is missing"))?;
        Ok(CodedImage { size: grid.size, tile, columns: grid.columns, tiles, configs, extents })
    }
}

impl Description {
    pub(super) fn read(meta: &Meta<'_>, bytes: &HeaderBytes<'_>) -> Result<Self, Stop> {
        let primary =
            meta.primary.ok_or_else(|| corrupt("it does not say which of its pictures is the primary one"))?;
        let chain = derivations(primary, meta)?;
        let coded = &chain[chain.len() - 1];
        let colours = CodedImage::read(coded, meta, bytes)?;
        let mut transforms = Transforms::none(colours.size);
        for item in chain.iter().rev() {
            judge_properties(item)?;
            transforms.add(item)?;
        }

        let mut stating: Vec<&Item<'_>> = chain.iter().collect();
        // Some writers give the profile to the tiles only.
        let first_tile = if coded.kind == *b"grid" { meta.referenced_by(coded.id, b"dimg", 1)? } else { Vec::new() };
        let first_tile = first_tile.first().map(|&id| meta.item(id)).transpose()?;
        stating.extend(&first_tile);
        let Colours { profile, nclx } = Colours::of(&stating);

        let alpha_item = alpha_item(&chain, meta)?;
        let (alpha, is_premultiplied) = match &alpha_item {
            None => (None, false),
            Some((item, of)) => {
                let alpha = CodedImage::read(item, meta, bytes)?;
                if alpha.size != colours.size {
                    return Err(Rejection::unsupported("HEIF with an alpha channel of another size").into());
                }
                let premultiplied = meta.referenced_by(*of, b"prem", 16)?;
                (Some(alpha), premultiplied.contains(&item.id))
            }
        };
        let Transforms { crop, orientation } = transforms;
        Ok(Description { crop, orientation, colours, alpha, is_premultiplied, profile, nclx })
    }
}

/// The primary item, and the items that it stands for, down to the one that is a coded picture or a grid.
fn derivations<'a>(primary: ItemId, meta: &Meta<'a>) -> Result<Vec<Item<'a>>, Rejection> {
    let mut chain = vec![meta.item(primary)?];
    loop {
        let last = &chain[chain.len() - 1];
        // `tmap` adds brightness to its first picture, for displays that can show it.
        if !matches!(&last.kind, b"iden" | b"tmap") {
            return Ok(chain);
        }
        let inner = meta.referenced_by(last.id, b"dimg", 1)?;
        let &[inner] = inner.as_slice() else { return Err(corrupt("a derived picture refers to no picture")) };
        if chain.len() == MAX_DERIVATIONS {
            return Err(corrupt(format_args!("its picture is derived more than {MAX_DERIVATIONS} times")));
        }
        chain.push(meta.item(inner)?);
    }
}

/// The alpha channel of a picture, and the item of the picture that it belongs to.
fn alpha_item<'a>(chain: &[Item<'a>], meta: &Meta<'a>) -> Result<Option<(Item<'a>, ItemId)>, Rejection> {
    // A picture can have a depth map, a gain map and mattes, too.
    const MOST: usize = 64;
    for picture in chain {
        for id in meta.referring_to(picture.id, b"auxl", MOST)? {
            let item = meta.item(id)?;
            if item.property(b"auxC").is_some_and(is_alpha) {
                return Ok(Some((item, picture.id)));
            }
        }
    }
    Ok(None)
}

/// Whether an `auxC` property says that the item is an alpha channel.
fn is_alpha(content: &[u8]) -> bool {
    // A version and flags, then the kind as text that ends with a zero.
    let kind = content.get(4..).unwrap_or_default();
    let kind = kind.split(|&byte| byte == 0).next().unwrap_or_default();
    matches!(
        kind,
        b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" | b"urn:mpeg:hevc:2015:auxid:1" | b"urn:mpeg:avc:2015:auxid:1"
    )
}

/// The size that an item states (`ispe`).
fn stated_size(item: &Item<'_>) -> Result<Size, Rejection> {
    let content = item.property(b"ispe").ok_or_else(|| corrupt("its picture does not state its size"))?;
    let mut fields = super::boxes::Fields::new(content);
    fields.version_and_flags()?;
    let size = Size::new(fields.u32()?, fields.u32()?);
    if size.width == 0 || size.height == 0 {
        return Err(corrupt("a side of the image is zero"));
    }
    Ok(size)
}

/// Rejects items with properties that a reader must know and this one does not.
fn judge_properties(item: &Item<'_>) -> Result<(), Rejection> {
    let unknown = item
        .properties
        .iter()
        .find(|(property, essential)| *essential == Essential::Yes && !KNOWN_PROPERTIES.contains(&&property.name));
    match unknown {
        Some((property, _)) => Err(Rejection::unsupported(format!("HEIF with the property `{}`", text(property.name)))),
        None => Ok(()),
    }
}
