"""Letters and codes against strings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.errors import InputError
from nucleotides.genome import decode, encode, one_hot, reverse_complement

bases = st.text("ACGTN", max_size=60)
iupac = st.text("ACGTUNRYSWKMBDHVXacgtunryswkmbdhvx", max_size=60)
codes = st.lists(st.integers(0, 4), min_size=1, max_size=60).map(lambda x: np.array(x, np.uint8))


@given(bases)
def test_decode_is_the_inverse_of_encode(text: str) -> None:
    assert decode(encode(text)) == text
    assert encode(text).dtype == np.uint8


@given(iupac)
def test_any_iupac_letter_of_any_case_has_a_code(text: str) -> None:
    known = text.upper().replace("U", "T")
    assert decode(encode(text)) == "".join(c if c in "ACGT" else "N" for c in known)


@given(iupac, st.characters(exclude_characters="ACGTUNRYSWKMBDHVXacgtunryswkmbdhvx"), iupac)
def test_another_character_is_named_with_its_position(before: str, odd: str, after: str) -> None:
    with pytest.raises(InputError) as caught:
        encode(before + odd + after)
    assert f"{odd!r} at position {len(before)} " in str(caught.value)


@given(bases)
def test_reverse_complement_is_that_of_the_string(text: str) -> None:
    expected = text[::-1].translate(str.maketrans("ACGTN", "TGCAN"))
    assert decode(reverse_complement(encode(text))) == expected


@given(codes)
def test_reverse_complement_twice_is_nothing(x: np.ndarray) -> None:
    assert np.array_equal(reverse_complement(reverse_complement(x)), x)
    stacked = np.stack([x, x])
    assert np.array_equal(reverse_complement(stacked)[1], reverse_complement(x))


@given(codes)
def test_one_hot(x: np.ndarray) -> None:
    hot = one_hot(x)
    assert (hot.dtype, hot.shape) == (np.float32, (4, x.size))
    assert hot.flags.c_contiguous
    assert np.array_equal(hot.sum(0), np.ones(x.size))
    for channel in range(4):
        expected = np.where(x == 4, 0.25, x == channel)
        assert np.array_equal(hot[channel], expected)


@given(codes)
def test_one_hot_of_the_other_strand_is_turned_by_half(x: np.ndarray) -> None:
    assert np.array_equal(one_hot(reverse_complement(x)), one_hot(x)[::-1, ::-1])


def test_one_hot_keeps_leading_axes() -> None:
    x = np.random.default_rng(0).integers(0, 5, (2, 3, 7)).astype(np.uint8)
    assert one_hot(x).shape == (2, 3, 4, 7)
    assert np.array_equal(one_hot(x)[1, 2], one_hot(x[1, 2]))


def test_encoded_codes_belong_to_the_caller() -> None:
    x = encode("ACGT")
    x[0] = 3
    assert decode(x) == "TCGT"
