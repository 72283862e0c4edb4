"""The command line of `train`: every Trainer argument, and errors that name the flag."""

import inspect

import pytest
import yaml
from lightning.pytorch import Trainer

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.train.arguments import build_parser, parse

PATHS = {"genome": "g", "targets": "t", "logs": "l"}


def test_every_trainer_argument_is_there_and_reaches_the_trainer():
    names = set(inspect.signature(Trainer.__init__).parameters) - {"self"}
    known = {action.dest for action in build_parser()._actions}
    assert names <= known
    assert names <= set(parse([], PATHS).trainer)


def test_values_arrive_typed():
    config = parse(
        [
            *("--max_epochs", "7", "--devices=2", "--precision", "bf16-mixed"),
            *("--learning_rate", "1e-4", "--gradient_clip_val", "0.5"),
            *("--model_class", "deepsea", "--model.hidden", "12"),
        ],
        PATHS,
    )
    assert config.trainer["max_epochs"] == 7
    assert config.trainer["devices"] in (2, "2")
    assert config.trainer["precision"] == "bf16-mixed"
    assert config.trainer["gradient_clip_val"] == 0.5
    assert config.optimisation.learning_rate == 1e-4
    assert config.model["hidden"] == 12
    assert (config.data["genome"], config.options.logs) == ("g", "l")


def test_yaml_chooses_the_model_and_the_command_line_wins(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text("model_class: deepsea\nmodel: {hidden: 5}\nmax_epochs: 3\nbatch_size: 8\n")
    config = parse(["--config", str(path), "--batch_size", "9"], PATHS)
    assert (config.model_class, config.model["hidden"]) == ("deepsea", 5)
    assert (config.trainer["max_epochs"], config.data["batch_size"]) == (3, 9)


def test_the_configuration_reads_back_as_itself(tmp_path):
    config = parse(["--model_class", "deepsea", "--max_epochs", "4"], PATHS)
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config.plain))
    assert parse(["--config", str(path)], {}) == config


@pytest.mark.parametrize("flag", ["--help", "--print_config"])
def test_help_and_print_config_need_no_data(flag, capsys):
    with pytest.raises(SystemExit) as stopped:
        parse([flag], PATHS)
    assert stopped.value.code == 0
    assert "max_epochs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (["--max_epoch", "3"], InputError, "--max_epochs"),
        (["--batch_size", "many"], InputError, "batch_size"),
        (["--model_class", "deapsea"], UnknownNameError, "deepsea"),
        (["--loss_type", "bcee"], UnknownNameError, "'bce'"),
        (["--monitor", "loss"], InputError, "monitor"),
        (["--optimizer", "adagrad"], InputError, "optimizer"),
        (["--learning_rate", "0"], InputError, "--learning_rate"),
        (["--warmup", "1"], InputError, "--warmup"),
        (["--config", "nowhere.yaml"], InputError, "nowhere.yaml"),
        (["--model_class", "deepsea", "--model.deep", "3"], InputError, "model.deep"),
    ],
)
def test_errors_name_the_flag(arguments, error, says):
    with pytest.raises(error, match=says):
        parse(arguments, PATHS)


def test_a_typo_in_yaml_is_named(tmp_path):
    path = tmp_path / "typo.yaml"
    path.write_text("max_epoch: 3\n")
    with pytest.raises(InputError, match="Did you mean --max_epochs"):
        parse(["--config", str(path)], PATHS)
