"""The page finds what it is made to find: pictures that differ in one pixel, in orientation, in alpha and in size."""

import struct
import zlib

import pytest
import shown
import chromium

WIDTH, HEIGHT = 40, 30


def png(pixel, width=WIDTH, height=HEIGHT):
    """A PNG of RGBA pixels that a function of x and y returns."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def slope(x, y):
    return (x * 6, y * 8, 128, 255)


PAIRS = {
    "equal": (png(slope), png(slope)),
    "one pixel": (png(slope), png(lambda x, y: (x * 6, y * 8, 128 + 9 * (x == 17 and y == 23), 255))),
    "mirrored": (png(slope), png(lambda x, y: slope(WIDTH - 1 - x, y))),
    "turned": (png(slope), png(lambda x, y: slope(y, HEIGHT - 1 - x), HEIGHT, WIDTH)),
    "alpha": (png(slope), png(lambda x, y: (*slope(x, y)[:3], 235))),
    "colour under alpha 0": (png(lambda x, y: (255, 0, 0, 0)), png(lambda x, y: (0, 0, 255, 0))),
    "half missing": (png(lambda x, y: (*slope(x, y)[:3], 255 * (y < 15))), png(slope)),
    "not a picture": (b"text", png(slope)),
    "wrong extension, no rendition": (png(slope), None),
    "nothing visible, no rendition": (png(lambda x, y: (255, 0, 0, 0)), None),
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """What the page measures of each pair, and the pictures that it keeps."""
    chromium.find()
    folder = tmp_path_factory.mktemp("pairs")
    found, kept = {}, {}

    def measure(index, result):
        found[index] = result
        return index == 1

    browser = shown.Browser(measure, lambda index, name, body: kept.update({(index, name): body}))
    with browser.open(folder / "profile"):
        for index, (source, rendition) in enumerate(PAIRS.values()):
            (folder / f"{index}.jpg").write_bytes(source)
            if rendition:
                (folder / f"{index}.png").write_bytes(rendition)
            browser.compare(shown.Pair(folder / f"{index}.jpg", folder / f"{index}.png" if rendition else None))
        browser.finish(600)
    return {name: found[index] for index, name in enumerate(PAIRS)}, kept


@pytest.mark.parametrize(
    ("name", "most", "pixels", "missing"),
    [
        ("equal", 0, 0, 0),
        ("one pixel", 9, 1, 0),
        ("mirrored", 234, 38 * 30, 0),
        ("alpha", 20, 40 * 30, 0),
        ("colour under alpha 0", 0, 0, 0),
        ("half missing", 0, 0, 40 * 15),
    ],
)
def test_the_page_measures_a_difference(measured, name, most, pixels, missing):
    compared = measured[0][name]["compared"]
    assert (round(compared["most"]), compared["over"]["8"], compared["missing"]) == (most, pixels, missing)


def test_the_page_names_the_pixel_that_differs_most(measured):
    at = measured[0]["one pixel"]["compared"]["at"]
    assert at == {"x": 17, "y": 23, "theirs": [102, 184, 128, 255], "ours": [102, 184, 137, 255]}


def test_pictures_of_different_size_are_not_compared(measured):
    found = measured[0]["turned"]
    assert (found["theirs"]["width"], found["ours"]["width"], found["compared"]) == (WIDTH, HEIGHT, None)


def test_the_format_is_detected_and_the_name_ignored(measured):
    assert measured[0]["wrong extension, no rendition"]["theirs"]["width"] == WIDTH
    assert measured[0]["not a picture"]["theirs"] is None


def test_a_picture_of_which_nothing_is_visible_is_found(measured):
    assert measured[0]["nothing visible, no rendition"]["empty"]
    assert not measured[0]["wrong extension, no rendition"]["empty"]


def test_the_page_keeps_the_pictures_that_are_wanted(measured):
    assert sorted(measured[1]) == [(1, "browser"), (1, "darkroom"), (1, "difference")]
    assert all(body.startswith(b"\x89PNG") for body in measured[1].values())
