"""What is held out, and that no training window touches it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.data.splits import Split, clip
from nucleotides.errors import CoordinateError, InputError, UnknownNameError
from nucleotides.genome import Interval
from nucleotides.genome.ranges import merge

CONTIGS = {"chr6": 500, "chr7": 5_000_000, "chr8": 300, "chr9": 40, "chr20": 60_000_000}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chr6", ["chr6:0-500"]),
        ("chr6,chr7", ["chr6:0-500", "chr7:0-5000000"]),
        (" chr6 , chr7 ,", ["chr6:0-500", "chr7:0-5000000"]),
        (["chr6", "chr7"], ["chr6:0-500", "chr7:0-5000000"]),
        (["chr6,chr7:1-2"], ["chr6:0-500", "chr7:1-2"]),
        ("chr20:3000000-4000000", ["chr20:3000000-4000000"]),
        ("chr20:3,000,000-4,000,000", ["chr20:3000000-4000000"]),
        ("chr20:3_000_000-4_000_000,chr6", ["chr20:3000000-4000000", "chr6:0-500"]),
        ("chr6,chr20:0-1,000,chr7:1,000-2,000", ["chr6:0-500", "chr20:0-1000", "chr7:1000-2000"]),
        (["chr20:3,000-4,000,000", "chr6"], ["chr20:3000-4000000", "chr6:0-500"]),
        ("chr20:999-1,000", ["chr20:999-1000"]),
        ("", []),
        ([], []),
    ],
)
def test_parse(text: str | list[str], expected: list[str]) -> None:
    regions = tuple(Interval.parse(word) for word in expected)
    assert Split.parse(CONTIGS, text, "chr8").validation == regions
    assert Split.parse(CONTIGS, "chr8", text).test == regions
    if isinstance(text, str):
        assert Split.parse_present(CONTIGS, text, "chr8").validation == regions


def test_contigs_that_are_numbers() -> None:
    contigs = {"1": 50_000, "2": 50_000, "300": 900}
    for text, expected in [
        ("1:100-200,2", ["1:100-200", "2:0-50000"]),
        ("1:100-200,300", ["1:100-200", "300:0-900"]),
        ("1:1,300-2,300,2", ["1:1300-2", "300:0-900", "2:0-50000"]),
        ("1:1000-2000,300", ["1:1000-2000", "300:0-900"]),
        ("2,1:1,000-2,000", ["2:0-50000", "1:1000-2000"]),
    ]:
        if "1300-2" in expected[0]:  # two readings, of which the shorter one is no region
            with pytest.raises(CoordinateError):
                Split.parse(contigs, text, [])
            continue
        found = Split.parse(contigs, text, []).validation
        assert [str(region) for region in found] == expected


def test_default_contigs_that_are_absent_are_passed_over_and_others_are_not() -> None:
    split = Split.parse_present({"chr6": 500}, "chr6,chr7", "chr8,chr9")
    assert [str(region) for region in split.validation] == ["chr6:0-500"]
    assert split.test == ()
    for validation in ("chrX", "chrX:1-2"):
        with pytest.raises(UnknownNameError):
            Split.parse_present(CONTIGS, validation, "")


@pytest.mark.parametrize(
    ("validation", "test", "error", "message"),
    [
        ("chr66", "", UnknownNameError, "unknown contig 'chr66'; did you mean 'chr6'? (in --valid"),
        ("", "x:1-2", UnknownNameError, "unknown contig 'x'"),
        ("chr6:0-501", "", CoordinateError, "--validation chr6:0-501 does not lie on chr6, which"),
        ("chr6:5-5", "", CoordinateError, "does not lie on"),
        ("chr6:9-5", "", CoordinateError, "chr6:9-5 is no interval"),
        ("chr6:a-5", "", CoordinateError, "'chr6:a-5' is no region"),
        ("chr6:5", "", CoordinateError, "'chr6:5' is no region"),
        (
            "chr6,chr7",
            "chr7:1-2",
            InputError,
            "validation chr7:0-5000000 and test chr7:1-2 overlap",
        ),
    ],
)
def test_errors(validation: str, test: str, error: type, message: str) -> None:
    with pytest.raises(error) as caught:
        Split.parse(CONTIGS, validation, test)
    assert message in str(caught.value)


regions = st.lists(
    st.builds(
        lambda name, start, width: (name, start, min(start + width, 300)),
        st.sampled_from(["a", "b"]),
        st.integers(0, 299),
        st.integers(1, 80),
    ),
    max_size=3,
)


@given(regions, regions, st.integers(1, 60), st.integers(0, 20))
def test_no_training_window_touches_what_is_held_out(
    validation: list, test: list, length: int, max_shift: int
) -> None:
    contigs = {"a": 300, "b": 300}
    held = {"validation": validation, "test": test}
    parts = [[f"{name}:{start}-{end}" for name, start, end in part] for part in held.values()]
    regions = [[Interval.parse(word) for word in part] for part in parts]
    if any(a.overlaps(b) for a in regions[0] for b in regions[1]):
        with pytest.raises(InputError, match="overlap"):
            Split.parse(contigs, *parts)
        return
    split = Split.parse(contigs, *parts)
    margin = -(-length // 2) + max_shift
    training = split.training(margin)
    for name, ranges in zip(contigs, training, strict=True):
        taken = np.zeros(300 + 400, bool)
        for contig, start, end in [*validation, *test]:
            if contig == name:
                taken[200 + start : 200 + end] = True
        inside = np.zeros(300, bool)
        for start, end in zip(*ranges, strict=True):
            inside[start:end] = True
        for centre in range(300):
            low = 200 + centre - length // 2
            touched = taken[low - max_shift : low + length + max_shift].any()
            assert not (inside[centre] and touched)
            # Nor is more left out than a base on either side.
            if not taken[low - max_shift - 1 : low + length + max_shift + 1].any():
                assert inside[centre]
    for part, named in held.items():
        for name, ranges in zip(contigs, split.held_out(part), strict=True):
            mine = np.array([r[1:] for r in named if r[0] == name]).reshape(-1, 2)
            assert ranges.starts.tolist() == merge(*mine.T).starts.tolist()
            assert clip([ranges], [merge(*mine.T)])[0].total == ranges.total


def test_description_counts_every_base() -> None:
    split = Split.parse(CONTIGS, "chr20:0-1,000,000", "chr7")
    told = split.describe()
    assert set(told) == {"training", "validation", "test"}
    assert "chr20:0-1,000,000" in told["validation"]
    assert told["test"] == "chr7"
