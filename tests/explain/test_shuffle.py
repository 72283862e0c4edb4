import itertools
from collections import Counter

import numpy as np
import pytest

from nucleotides.explain import shuffle_dinucleotides
from nucleotides.genome import encode
from tests.explain.nets import windows


def dinucleotides(codes):
    return Counter(itertools.pairwise(codes.tolist()))


@pytest.mark.parametrize("length", [1, 2, 3, 17, 400])
def test_dinucleotides_and_ends_stay(length):
    codes = windows(5, length, unknown=True)
    for one, shuffles in zip(codes, shuffle_dinucleotides(codes, 7), strict=True):
        for shuffle in shuffles:
            assert dinucleotides(shuffle) == dinucleotides(one)
            assert (shuffle[0], shuffle[-1]) == (one[0], one[-1])


@pytest.mark.parametrize("by", ["copies", "seeds"])
@pytest.mark.parametrize("text", ["AACAGATA", "ACACGAGA", "ACGTACGA", "AAAAACAA"])
def test_every_sequence_of_the_same_dinucleotides_is_as_likely(text, by):
    codes, each = np.asarray(encode(text)), 400
    counted = dinucleotides(codes)
    some = {(codes[0], *rest) for rest in itertools.permutations(codes[1:].tolist())}
    possible = {s for s in some if dinucleotides(np.array(s)) == counted}
    n = each * len(possible)
    if by == "copies":
        shuffles = shuffle_dinucleotides(codes[None], n, seed=3)[0]
    else:
        shuffles = np.concatenate([shuffle_dinucleotides(codes[None], 1, k)[0] for k in range(n)])
    found = Counter(map(tuple, shuffles.tolist()))
    assert set(found) == possible
    counts = np.array(list(found.values()))
    chi_square = ((counts - each) ** 2 / each).sum()
    assert chi_square < len(possible) + 5 * np.sqrt(2 * len(possible))


def test_shuffles_depend_on_the_sequence_and_the_seed_alone():
    codes = windows(3, 60)
    all_of_them = shuffle_dinucleotides(codes, 5, seed=1)
    np.testing.assert_array_equal(
        shuffle_dinucleotides(codes[1:2], 3, seed=1)[0], all_of_them[1, :3]
    )
    assert (shuffle_dinucleotides(codes, 5, seed=2) != all_of_them).any(axis=2).all()
    assert len(np.unique(all_of_them[0], axis=0)) == 5


def test_a_long_run_is_shuffled_at_once():
    codes = np.zeros((1, 5000), np.uint8)
    codes[0, 2500] = 1
    where = shuffle_dinucleotides(codes, 300)[0].argmax(axis=1)
    assert where.min() < 500
    assert where.max() > 4500
