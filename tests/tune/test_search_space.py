"""The search space: read from YAML, with errors that name the entry."""

import re

import pytest

from nucleotides.errors import InputError
from nucleotides.tune.search_space import Choices, FloatRange, IntRange, read_space, suggest


def written(tmp_path, text):
    path = tmp_path / "space.yaml"
    path.write_text(text)
    return path


def test_every_type_is_read(tmp_path):
    text = """
learning_rate: {type: float, low: 1e-4, high: 0.1, log: true}  # 1e-4 is a word to YAML 1.1
model.hidden: {type: int, low: 8, high: 64, step: 8}
batch_size: {type: int, low: 8, high: 64, log: true}
optimizer: {type: categorical, choices: [adamw, sgd]}
model.channels: {type: categorical, choices: [[8, 8, 8], [16, 16, 16]]}
both_strands: {type: categorical, choices: [true, false]}
"""
    assert read_space(written(tmp_path, text)) == {
        "learning_rate": FloatRange(1e-4, 0.1, log=True),
        "model.hidden": IntRange(8, 64, step=8),
        "batch_size": IntRange(8, 64, log=True),
        "optimizer": Choices(("adamw", "sgd")),
        "model.channels": Choices(("[8, 8, 8]", "[16, 16, 16]")),
        "both_strands": Choices(("true", "false")),
    }


def test_what_is_suggested_lies_within_and_is_exact():
    optuna = pytest.importorskip("optuna")
    space = {
        "rate": FloatRange(1e-4, 0.1, log=True),
        "size": IntRange(8, 64, step=8),
        "words": Choices(("a", "[1, 2]")),
    }
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(sampler=sampler)
    small = 0
    for _ in range(30):
        trial = study.ask()
        words = suggest(space, trial)
        assert words[::2] == ["--rate", "--size", "--words"]
        rate, size, word = words[1::2]
        assert float(rate) == trial.params["rate"]
        assert 1e-4 <= float(rate) <= 0.1
        small += float(rate) < 1e-2
        assert int(size) in range(8, 65, 8)
        assert word in ("a", "[1, 2]")
    assert small > 10  # two of three decades; on a linear scale it would be every tenth


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x: {type: flaot, low: 1, high: 2}", "unknown type 'flaot'; did you mean 'float'"),
        ("x: {low: 1, high: 2}", "x has no type"),
        ("x: 3", "x has no type"),
        ("x: {type: float, low: 1}", "x lacks high"),
        ("x: {type: float, low: 1, hihg: 2}", "unknown key 'hihg'; did you mean 'high'"),
        ("x: {type: float, low: 2, high: 1}", "low 2.0 is not below high 1.0"),
        ("x: {type: float, low: 0, high: 1, log: true}", "low must be above 0"),
        ("x: {type: int, low: 1.5, high: 2}", "x: low is 1.5, not a whole number"),
        ("x: {type: float, low: a, high: 2}", "x: low is 'a', not a number"),
        ("x: {type: float, low: true, high: 2}", "x: low is True, not a number"),
        ("x: {type: float, low: 1, high: 2, log: 1}", "log is 1, not true or false"),
        ("x: {type: int, low: 1, high: 9, step: 0}", "step 0 is not possible"),
        ("x: {type: int, low: 1, high: 9, step: 2, log: true}", "step 2 is not possible with log"),
        ("x: {type: categorical, choices: [a]}", "two or more"),
        ("x: {type: categorical, choices: [a, a]}", "given twice"),
        ("x: {type: categorical}", "x lacks choices"),
        ("", "names no argument"),
        ("[1]", "names no argument"),
        ("x: {", "is no YAML"),
    ],
)
def test_what_cannot_be_is_named(tmp_path, text, says):
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=re.escape(says)) as raised:
        read_space(path)
    assert "space.yaml" in str(raised.value)


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="no search space at"):
        read_space(tmp_path / "none.yaml")
