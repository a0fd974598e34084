from qualities import QUALITIES, Sample, equal_scores


def samples(**ssim_at_lowest: float) -> list[Sample]:
    """The samples of each format, with steps of 0.1 SSIM and 10 kB."""
    return [
        Sample(format, quality, ssim_at_lowest[format] + 0.1 * step, 10.0 * step)
        for format, qualities in QUALITIES.items()
        for step, quality in enumerate(qualities)
    ]


def test_the_equivalent_quality_is_interpolated_between_two_samples():
    # JPEG 85 is the sixth sample.
    found = list(equal_scores(samples(jpg=0.0, webp=0.25, avif=0.1)))
    assert found == [("jpg", "85.0", "50.0"), ("webp", "72.5", "25.0"), ("avif", "60.0", "40.0")]


def test_a_format_without_an_equivalent_quality_is_left_out():
    assert [format for format, *_ in equal_scores(samples(jpg=0.0, webp=-9.0, avif=0.1))] == ["jpg", "avif"]
