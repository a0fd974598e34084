"""Verdicts about measurements, the list of known differences, and the page; without a browser."""

import struct
from pathlib import Path

import browser
import known
import pytest
import report
from formats import format_of
from generate.chunks import SIGNATURE, chunk, header
from known import Known
from rendered import Rendering, parsed
from report import Entry
from verdict import Result, Verdict, judge

RENDERED = Rendering(Path("a.png"))
REJECTED = Rendering(None, "corrupt", "the file ends early")
SIZE = {"width": 60, "height": 40, "decoded": True}


def measured(theirs=SIZE, ours=SIZE, **compared):
    pixels = {
        "pixels": 2400, "missing": 0, "most": 0, "sum": 0, "over": {"2": 0, "8": 0, "32": 0},
        "at": {"x": 1, "y": 2, "theirs": [0, 0, 0, 255], "ours": [9, 0, 0, 255]}, **compared,
    }  # fmt: skip
    return {"theirs": theirs, "ours": ours, "compared": pixels if theirs and theirs == ours else None, "empty": False}


@pytest.mark.parametrize(
    ("file_format", "rendering", "page", "result"),
    [
        ("png", RENDERED, measured(), Result.AGREE),
        ("png", RENDERED, measured(most=3, sum=3, over={"2": 1, "8": 0, "32": 0}), Result.AGREE),
        ("png", RENDERED, measured(most=4, sum=4, over={"2": 1, "8": 0, "32": 0}), Result.PIXELS),
        # Each pixel within the bound, but all of them wrong in one direction.
        ("png", RENDERED, measured(most=2, sum=2 * 2400), Result.PIXELS),
        ("png, 16 bits", RENDERED, measured(most=13, sum=900, over={"2": 90, "8": 24, "32": 0}), Result.AGREE),
        ("webp, oriented", RENDERED, measured(most=13, sum=900, over={"2": 90, "8": 24, "32": 0}), Result.AGREE),
        ("jpeg", RENDERED, measured(most=30, sum=300, over={"2": 90, "8": 24, "32": 0}), Result.AGREE),
        ("jpeg", RENDERED, measured(most=30, sum=300, over={"2": 90, "8": 25, "32": 0}), Result.PIXELS),
        ("jpeg", RENDERED, measured(missing=60), Result.MORE),
        ("jpeg", Rendering(Path("a.png"), damaged=True), measured(missing=60), Result.AGREE),
        ("jpeg", RENDERED, measured(missing=60, most=90, sum=9e4, over={"2": 999, "8": 999, "32": 999}), Result.PIXELS),
        ("jpeg", RENDERED, measured(theirs={**SIZE, "width": 40, "height": 60}), Result.SIZE),
        ("jpeg", REJECTED, measured(ours=None), Result.ONLY_BROWSER),
        ("jpeg", REJECTED, {**measured(ours=None), "empty": True}, Result.NEITHER),
        ("heif", RENDERED, measured(theirs=None), Result.ONLY_DARKROOM),
        ("other", REJECTED, measured(theirs=None, ours=None), Result.NEITHER),
        ("png", Rendering(None, "crashed", "exit code 101"), measured(theirs=None, ours=None), Result.FAILED),
        ("png", RENDERED, {"error": "out of memory"}, Result.FAILED),
    ],
)
def test_a_measurement_is_classified(file_format, rendering, page, result):
    assert judge(file_format, rendering, page).result is result


def test_a_line_of_the_command_line_becomes_a_rendering():
    assert parsed({"file": "a", "path": "b.png"}) == Rendering(Path("b.png"))
    assert parsed({"file": "a", "path": "b.png", "damaged": {"decoded": 0.5}}).damaged
    assert parsed({"file": "a", "error": {"code": "corrupt", "message": "m"}}) == Rendering(None, "corrupt", "m")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "avif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "avif"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heif"),
        (b"P6\n1 1\n255\n", "pnm"),
        (SIGNATURE + header(1, 1, 16, 0), "png, 16 bits"),
        (SIGNATURE + header(1, 1, 8, 0), "png"),
        (b"Page", "other"),
        (b"", "other"),
    ],
)
def test_a_format_is_known_by_its_bytes(content, name):
    assert format_of(content) == name


def riff_with_orientation(value):
    exif = b"MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHH", 0x0112, 3, 1, value, 0)
    return b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0EXIF" + struct.pack("<I", len(exif)) + exif


def test_kinds_that_chromium_shows_in_its_own_way_have_their_own_names():
    assert [format_of(riff_with_orientation(value)) for value in (0, 1, 2, 8)] == ["webp", "webp", "webp, oriented", "webp, oriented"]
    head, control = SIGNATURE + header(1, 1, 8, 0), chunk(b"acTL")
    assert format_of(head + control + chunk(b"fcTL") + chunk(b"IDAT")) == "png"
    assert format_of(head + control + chunk(b"IDAT") + chunk(b"fcTL")) == "apng, own still"
    assert format_of(head + chunk(b"IDAT")) == "png"


def test_a_known_difference_is_matched_by_file_format_result_and_facts():
    each = Known("why", (Result.ONLY_BROWSER,), files="*/apng-*", format="png", facts="*corrupt: *")
    differs = Verdict(Result.ONLY_BROWSER, "60×40; corrupt: the file ends early")
    assert each.explains("a/apng-1.png", "png", differs)
    assert not each.explains("a/gif-1.png", "png", differs)
    assert not each.explains("a/apng-1.png", "gif", differs)
    assert not each.explains("a/apng-1.png", "png", Verdict(Result.PIXELS, differs.facts))
    assert not each.explains("a/apng-1.png", "png", Verdict(Result.ONLY_BROWSER, "60×40; too_large: 9 MB"))


def test_a_known_difference_that_is_gone_is_reported():
    each = Known("why", (Result.PIXELS,), files="*/apng-*")
    agrees, differs = Verdict(Result.AGREE, ""), Verdict(Result.PIXELS, "")
    assert known.outdated([each], [("a/apng-1", "png", agrees)]) == [each]
    assert known.outdated([each], [("a/apng-1", "png", agrees), ("a/apng-2", "png", differs)]) == []
    # A run over other pictures says nothing about it.
    assert known.outdated([each], [("a/gif-1", "gif", agrees)]) == []


def test_every_known_difference_has_a_reason(tmp_path):
    assert all(each.reason for each in known.read())
    (tmp_path / "known.toml").write_text('[[known]]\nresults = ["other pixels"]\nreason = " "\n')
    with pytest.raises(ValueError, match="no reason"):
        known.read(tmp_path / "known.toml")


def test_a_run_fails_by_an_unexplained_difference_and_by_an_outdated_reason():
    agrees = Entry("a", "png", Verdict(Result.AGREE, ""))
    differs = Entry("b", "png", Verdict(Result.PIXELS, "mean 9"))
    reason = Known("why", (Result.PIXELS,))
    assert browser.Comparison([agrees, Entry("b", "png", differs.verdict, reason)], []).is_good
    assert not browser.Comparison([agrees, differs], []).is_good
    assert not browser.Comparison([agrees], [reason]).is_good


def test_the_page_shows_unknown_differences_first_and_escapes_names(tmp_path):
    reason = Known("as <told>", (Result.PIXELS,))
    entries = [
        Entry("a", "png", Verdict(Result.AGREE, "")),
        Entry("known", "png", Verdict(Result.PIXELS, ""), reason),
        Entry('<script>"&', "png", Verdict(Result.PIXELS, "<b>"), None, "pictures/0"),
    ]
    (tmp_path / "pictures" / "0").mkdir(parents=True)
    (tmp_path / "pictures" / "0" / "browser.png").write_bytes(b"")
    report.write(tmp_path / "index.html", entries)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "<b>" not in page
    assert page.index("&lt;script&gt;&quot;&amp;") < page.index("as &lt;told&gt;")
    assert 'src="pictures/0/browser.png"' in page
    assert "darkroom.png" not in page
    assert "1 of 3 pictures that Chromium shows agree (33.3%)" in page
