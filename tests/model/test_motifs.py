"""MEME files."""

import gzip

import numpy as np
import pytest

from nucleotides.errors import MotifFileError
from nucleotides.model.motifs import SHIPPED_MOTIFS, Motif, read_meme

MEME = """MEME version 4

ALPHABET= ACGT

MOTIF M1 first
letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0
 0.25 0.25 0.25 0.25
 1 0 0 0

MOTIF M2
letter-probability matrix: alength= 4 w= 1
 0 0.5 0.5 0
URL http://example.org
"""


def test_matrices_and_names(tmp_path):
    path = tmp_path / "two.meme"
    path.write_text(MEME)
    first, second = read_meme(path)
    assert (first.name, second.name) == ("M1 first", "M2")
    np.testing.assert_allclose(first.probabilities, [[0.25] * 4, [1, 0, 0, 0]])
    assert first.information == pytest.approx(2)
    assert second.information == pytest.approx(1)


def test_gzip_reads_the_same(tmp_path):
    path = tmp_path / "two.meme.gz"
    path.write_bytes(gzip.compress(MEME.encode()))
    assert [motif.name for motif in read_meme(path)] == ["M1 first", "M2"]


def test_the_shipped_motifs_read():
    motifs = read_meme(SHIPPED_MOTIFS)
    assert len(motifs) == 879
    ctcf = next(motif for motif in motifs if motif.name.endswith(" CTCF"))
    assert ctcf.information > 10


def test_log_odds_of_a_uniform_column_are_zero():
    motif = Motif("x", np.array([[0.25] * 4, [0.97, 0.01, 0.01, 0.01]]))
    odds = motif.log_odds()
    assert odds.shape == (4, 2)
    np.testing.assert_allclose(odds[:, 0], 0, atol=1e-6)
    assert odds[0, 1] > 1.8 > 0 > odds[1, 1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello", "no motif"),
        ("", "no motif"),
        (MEME.replace("1 0 0 0", "1 1 0 0"), "M1 first"),
        (MEME.replace("1 0 0 0", "2 -1 0 0"), "M1 first"),
    ],
)
def test_what_is_no_meme_file_is_refused(tmp_path, text, says):
    path = tmp_path / "bad.meme"
    path.write_text(text)
    with pytest.raises(MotifFileError, match=says):
        read_meme(path)


def test_a_missing_or_truncated_file_is_refused(tmp_path):
    with pytest.raises(MotifFileError, match=r"nothing\.meme"):
        read_meme(tmp_path / "nothing.meme")
    path = tmp_path / "cut.meme.gz"
    path.write_bytes(gzip.compress(MEME.encode())[:-20])
    with pytest.raises(MotifFileError, match=r"cut\.meme"):
        read_meme(path)
