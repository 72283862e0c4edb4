"""Every recipe runs; the search space runs in tests/tune."""

from pathlib import Path

import pytest

from nucleotides.train.arguments import parse
from nucleotides.train.run import train

RECIPES = Path(__file__).parents[2] / "recipes"
OF_TRAIN = [path for path in sorted(RECIPES.glob("*.yaml")) if path.stem != "tune"]
SHORT = [
    *("--validation", "chr20:5000000-6000000", "--test", "chr20:3000000-4000000"),
    *("--samples_per_epoch", "64", "--batch_size", "16", "--validation_size", "32"),
    *("--max_epochs", "1", "--accelerator", "cpu"),
]
NARROW = {  # what would take minutes on a CPU
    "beluga": ["--model.channels", "[32,32,32]", "--model.hidden", "64"],
    "sei": ["--model.channels", "[16,16,16]", "--model.hidden", "32"],
    "albert": ["--model.hidden", "64", "--model.filters", "32"],
    "enformer": ["--model.channels", "48", "--model.depth", "1"],
}


@pytest.mark.parametrize("recipe", OF_TRAIN, ids=lambda path: path.stem)
def test_a_recipe_trains(recipe, stores, tmp_path):
    arguments = ["--config", str(recipe), *SHORT, *NARROW.get(recipe.stem, [])]
    config = parse(arguments, {**stores, "logs": str(tmp_path)})
    run = train(config)
    assert run.best.exists()
    assert run.validation.table["windows"].iloc[0] == 32


def test_a_later_recipe_goes_on_top_of_an_earlier_one(stores):
    recipes = [RECIPES / "deepsea.yaml", RECIPES / "weighted.yaml"]
    arguments = [word for path in recipes for word in ("--config", str(path))]
    config = parse(arguments, {**stores, "logs": "logs"})
    assert (config.model_class, config.loss_type) == ("deepsea", "weighted_bce")
    assert config.loss["max_weight"] == 50.0
