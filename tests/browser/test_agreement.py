"""Darkroom agrees with Chromium about generated pictures and the corpus, but for the differences that known.toml explains.

Needs the built command line: `make test` builds it before.
"""

import browser
import chromium
import known
import missing_tools
import pytest
import report

# Not held to it yet: AVIF, animated AVIF, cut bitmaps, and the damaged copies, of which docs/browser.md lists what differs.
KINDS = ("charts", "gif", "jpeg", "png", "webp")
AGREED_SHARE = 0.95


def compared(folders, out):
    found = browser.compare(folders, out, browser.command_line(), known.read())
    print(browser.summary(found, out))
    return found


@pytest.fixture(scope="module")
def generated():
    chromium.find()
    folder = browser.generated(browser.GENERATED)
    return compared([folder / kind for kind in KINDS], browser.FOLDER)


@pytest.fixture(scope="module")
def corpus():
    chromium.find()
    if not browser.CORPUS.is_dir():
        missing_tools.skip("corpus")
    return compared([browser.CORPUS], browser.FOLDER.with_name("browser-corpus"))


def test_no_generated_picture_differs_without_a_reason(generated):
    assert report.differences(generated.unknown) == "", f"see {browser.FOLDER / 'index.html'}"
    assert report.agreed_share(generated.entries) >= AGREED_SHARE
    assert generated.outdated == []


def test_no_picture_of_the_corpus_differs_without_a_reason(corpus):
    assert report.differences(corpus.unknown) == "", "see .local/browser-corpus/index.html"
    assert report.agreed_share(corpus.entries) >= AGREED_SHARE
    assert corpus.outdated == []
