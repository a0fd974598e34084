"""HEIF: grids of one tile, false sizes, lists of a million items, references in a circle, and extents that overlap."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

from .bits import Bits

PICTURES = Path(__file__).resolve().parents[3] / "crates" / "imaging" / "tests" / "pictures" / "heic"


def box(name: bytes, *content: bytes, claimed: int | None = None) -> bytes:
    """A box; `claimed` replaces its length."""
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8 if claimed is None else claimed) + name + body


def full(name: bytes, version: int, *content: bytes) -> bytes:
    """A box with a version."""
    return box(name, bytes([version, 0, 0, 0]), *content)


def heif(
    items: Sequence[tuple[int, bytes, Sequence[int]]],
    properties: Sequence[bytes],
    pixels: bytes = b"",
    *,
    data: bytes = b"",
    references: Sequence[bytes] = (),
    locations: Callable[[int], bytes] | None = None,
    extra: bytes = b"",
    before: bytes = b"",
) -> bytes:
    """A file. Items are an identifier, a kind and the numbers of their properties. The first is the primary one.

    `locations` gets the offset of `pixels`. By default, all coded items are all of `pixels`, and the others all of
    `data`.
    """
    start = box(b"ftyp", b"heic\0\0\0\0mif1heic") + before

    def meta(at: int) -> bytes:
        infos = b"".join(full(b"infe", 2, struct.pack(">HH", number, 0), kind, b"\0") for number, kind, _ in items)
        associated = b"".join(
            struct.pack(">HB", number, len(of)) + bytes(of) for number, _, of in items
        )
        where = locations(at) if locations else _locations(items, at, len(pixels), len(data))
        return full(
            b"meta", 0,
            full(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
            full(b"pitm", 0, struct.pack(">H", items[0][0])),
            full(b"iinf", 0, struct.pack(">H", len(items) & 0xFFFF), infos),
            full(b"iref", 0, *references),
            box(b"iprp", box(b"ipco", *properties), full(b"ipma", 0, struct.pack(">I", len(items)), associated)),
            where,
            box(b"idat", data),
            extra,
        )

    length = len(meta(0))
    return start + meta(len(start) + length + 8) + box(b"mdat", pixels)


def _locations(items: Sequence[tuple[int, bytes, Sequence[int]]], at: int, pixels: int, data: int) -> bytes:
    def location(number: int, kind: bytes) -> bytes:
        is_coded = kind in (b"hvc1", b"av01")
        offset, length = (at, pixels) if is_coded else (0, data)
        return struct.pack(">HHHHII", number, 0 if is_coded else 1, 0, 1, offset, length)

    each = b"".join(location(number, kind) for number, kind, _ in items)
    return full(b"iloc", 1, b"\x44\0", struct.pack(">H", len(items)), each)


def refer(name: bytes, source: int, *targets: int) -> bytes:
    """References from one item to others."""
    return box(name, struct.pack(">HH", source, len(targets)), struct.pack(f">{len(targets)}H", *targets))


def ispe(width: int, height: int) -> bytes:
    """The size that an item states."""
    return full(b"ispe", 0, struct.pack(">II", width, height))


def grid_of(columns: int, rows: int, width: int, height: int) -> bytes:
    """The content of a grid with sides of 32 bits."""
    return bytes([0, 1, rows - 1, columns - 1]) + struct.pack(">II", width, height)


def _coded(name: str = "tile-0.heic") -> tuple[bytes, bytes]:
    """The configuration property and the pixels of a picture of 64×64."""
    file = (PICTURES / name).read_bytes()

    def content(wanted: bytes) -> bytes:
        at = file.index(wanted) + 4
        return file[at : at - 8 + struct.unpack(">I", file[at - 8 : at - 4])[0]]

    return box(b"hvcC", content(b"hvcC")), content(b"mdat")


CONFIG, TILE = _coded()


def one_tile_for_all(columns: int, rows: int, width: int, height: int) -> bytes:
    """A grid that shows the same tile everywhere."""
    items = [(1, b"grid", [3]), (2, b"hvc1", [1, 2])]
    properties = [CONFIG, ispe(64, 64), ispe(width, height)]
    data = grid_of(columns, rows, width, height)
    return heif(items, properties, TILE, data=data, references=[refer(b"dimg", 1, *[2] * (columns * rows))])


def single(width: int, height: int, *, config: bytes = CONFIG, tile: bytes = TILE) -> bytes:
    """One coded picture that states a size."""
    return heif([(1, b"hvc1", [1, 2])], [config, ispe(width, height)], tile)


def _exp_golomb(bits: list[int], value: int) -> None:
    binary = bin(value + 1)[2:]
    bits.extend([0] * (len(binary) - 1) + [int(each) for each in binary])


def false_sps(width: int, height: int) -> bytes:
    """A configuration whose sequence parameter set has another size than the container states."""
    bits = [0] * 4 + [0] * 3 + [1]
    bits += [0, 0, 0, 0, 0, 0, 1, 1] + [0] * 32 + [0] * 48 + [0, 0, 0, 1, 1, 1, 1, 0]
    for value in (0, 1, width, height):
        _exp_golomb(bits, value)
    bits += [0]
    for value in (0, 0, 4):
        _exp_golomb(bits, value)
    bits += [1]
    for value in (0, 0, 0, 0, 3, 0, 3, 0, 0):
        _exp_golomb(bits, value)
    bits += [0, 0, 0, 0]
    _exp_golomb(bits, 0)
    bits += [0, 0, 0, 0, 0, 1]
    bits += [0] * (-len(bits) % 8)
    content = bytes(int("".join(map(str, bits[at : at + 8])), 2) for at in range(0, len(bits), 8))
    unit = b"\x42\x01" + content.replace(b"\0\0\0", b"\0\0\x03\0").replace(b"\0\0\1", b"\0\0\x03\1")
    original = CONFIG[8:]
    # Behind the fixed fields: three arrays with one unit each. The second one is replaced.
    first_len = struct.unpack(">H", original[26:28])[0]
    second = 28 + first_len
    second_len = struct.unpack(">H", original[second + 3 : second + 5])[0]
    rest = original[second + 5 + second_len :]
    return box(b"hvcC", original[: second + 3], struct.pack(">H", len(unit)), unit, rest)


def _many_infos(count: int) -> bytes:
    info = full(b"infe", 2, struct.pack(">HH", 9, 0), b"hvc1", b"\0")
    return full(b"iinf", 1, struct.pack(">I", count), info * count)


def _extents_without_fields(count: int) -> Callable[[int], bytes]:
    def locations(_: int) -> bytes:
        each = struct.pack(">HHHH", 1, 0, 0, 0xFFFF)
        return full(b"iloc", 1, b"\0\0", struct.pack(">H", count), each * count)

    return locations


def _overlapping(tiles: int) -> bytes:
    """Tiles that all claim all of a long `mdat`, from another byte on each."""
    numbers = range(2, 2 + tiles)
    items = [(1, b"grid", [3]), *((number, b"hvc1", [1, 2]) for number in numbers)]
    pixels = TILE * 15_000

    def locations(at: int) -> bytes:
        each = b"".join(struct.pack(">HHHHII", n, 0, 0, 1, at + n, len(pixels) - n) for n in numbers)
        grid = struct.pack(">HHHHII", 1, 1, 0, 1, 0, 12)
        return full(b"iloc", 1, b"\x44\0", struct.pack(">H", tiles + 1), grid + each)

    side = 64 * 250
    return heif(
        items, [CONFIG, ispe(64, 64), ispe(side, tiles // 250 * 64)], pixels,
        data=grid_of(250, tiles // 250, side, tiles // 250 * 64),
        references=[refer(b"dimg", 1, *numbers)], locations=locations,
    )


def _chain(length: int) -> bytes:
    items = [(number, b"iden", []) for number in range(1, length)] + [(length, b"hvc1", [1, 2])]
    references = [refer(b"dimg", number, number + 1) for number in range(1, length)]
    return heif(items, [CONFIG, ispe(64, 64)], TILE, references=references)


def _circle(kind: bytes) -> bytes:
    return heif([(1, kind, [1]), (2, kind, [1])], [ispe(64, 64)], references=[refer(b"dimg", 1, 2), refer(b"dimg", 2, 1)])


def _tiny_units(side: int, count: int) -> bytes:
    """A picture of millions of units of two bytes. The length before each has one byte."""
    config = CONFIG[:8] + CONFIG[8:][:21] + bytes([CONFIG[8:][21] & 0xFC]) + CONFIG[8:][22:]
    return single(side, side, config=config, tile=b"\x02\x4e\x01" * count)


FILES: dict[str, Callable[[], bytes]] = {
    "grid-of-one-tile-255x255.heic": lambda: one_tile_for_all(255, 255, 16_320, 16_320),
    "grid-of-one-tile-100x100.heic": lambda: one_tile_for_all(100, 100, 6_400, 6_400),
    "grid-hides-its-tiles.heic": lambda: one_tile_for_all(255, 255, 64, 64),
    "grid-beyond-its-tiles.heic": lambda: one_tile_for_all(2, 2, 1 << 31, 1 << 31),
    "grid-of-0x0.heic": lambda: one_tile_for_all(1, 1, 0, 0),
    "grid-refers-to-itself.heic": lambda: heif(
        [(1, b"grid", [1])], [ispe(64, 64)], data=grid_of(1, 1, 64, 64), references=[refer(b"dimg", 1, 1)]
    ),
    "size-lies-16000x16000.heic": lambda: single(16_000, 16_000),
    "size-lies-4294967295.heic": lambda: single(2**32 - 1, 2**32 - 1),
    "size-lies-1x1.heic": lambda: single(1, 1),
    "sps-lies-16384x16384.heic": lambda: single(64, 64, config=false_sps(16_384, 16_384)),
    "sps-lies-with-the-size-16000x16000.heic": lambda: single(16_000, 16_000, config=false_sps(16_000, 16_000)),
    "sps-lies-4294967288.heic": lambda: single(64, 64, config=false_sps(2**32 - 8, 2**32 - 8)),
    "circle-of-identities.heic": lambda: _circle(b"iden"),
    "circle-of-tone-maps.heic": lambda: _circle(b"tmap"),
    "chain-of-1000-identities.heic": lambda: _chain(1_000),
    "chain-of-7-identities.heic": lambda: _chain(7),
    "items-700000.heic": lambda: heif(
        [(1, b"hvc1", [1, 2])], [CONFIG, ispe(64, 64)], TILE, extra=_many_infos(700_000)
    ),
    "references-6500000.heic": lambda: heif(
        [(1, b"hvc1", [1, 2])], [CONFIG, ispe(64, 64)], TILE, references=[refer(b"auxl", 2, *[1] * 0xFFFF)] * 100
    ),
    "extents-without-fields.heic": lambda: heif(
        [(1, b"hvc1", [1, 2])], [CONFIG, ispe(64, 64)], TILE, locations=_extents_without_fields(0xFFFF)
    ),
    "extents-overlap.heic": lambda: _overlapping(60_000),
    "properties-of-100000.heic": lambda: heif(
        [(1, b"hvc1", [1, 2])], [CONFIG, ispe(64, 64), *[ispe(1, 1)] * 100_000], TILE
    ),
    "units-of-2-bytes.heic": lambda: _tiny_units(4_000, 20_000_000),
    "meta-claims-4-gb.heic": lambda: box(b"ftyp", b"heic\0\0\0\0mif1") + box(b"meta", bytes(4), claimed=2**32 - 1),
    "meta-of-17-mb.heic": lambda: heif(
        [(1, b"hvc1", [1, 2])], [CONFIG, ispe(64, 64)], TILE, extra=box(b"free", bytes(17_000_000))
    ),
    "mdat-claims-2-63.heic": lambda: box(b"ftyp", b"heic\0\0\0\0mif1")
    + struct.pack(">I4sQ", 1, b"mdat", 2**63),
    "boxes-100000.heic": lambda: heif([(1, b"hvc1", [1, 2])], [CONFIG, ispe(64, 64)], TILE, before=box(b"free") * 100_000),
    "box-of-length-1.heic": lambda: box(b"ftyp", b"heic\0\0\0\0mif1") + struct.pack(">I4sQ", 1, b"meta", 1),
    "box-of-length-7.heic": lambda: box(b"ftyp", b"heic\0\0\0\0mif1") + struct.pack(">I4s", 7, b"meta"),
}
