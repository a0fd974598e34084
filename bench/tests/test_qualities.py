from qualities import QUALITIES, Sample, alike


def samples(**ssim_at_lowest: float) -> list[Sample]:
    """Of each format as many as are measured, a tenth of SSIM and 10 kB apart."""
    return [
        Sample(format, quality, ssim_at_lowest[format] + 0.1 * step, 10.0 * step)
        for format, qualities in QUALITIES.items()
        for step, quality in enumerate(qualities)
    ]


def test_the_quality_that_looks_like_the_yardstick_lies_between_two_that_were_measured():
    # JPEG 85 is the sixth that is measured.
    found = list(alike(samples(jpg=0.0, webp=0.25, avif=0.1)))
    assert found == [("jpg", "85.0", "50.0"), ("webp", "72.5", "25.0"), ("avif", "60.0", "40.0")]


def test_a_format_that_never_looks_so_good_is_left_out():
    assert [format for format, *_ in alike(samples(jpg=0.0, webp=-9.0, avif=0.1))] == ["jpg", "avif"]
