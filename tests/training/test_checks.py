"""What does not fit is refused before training, with the path of its field."""

from __future__ import annotations

from typing import Any

import pytest

from gradstudio.data import DATA_SETS, make_data
from gradstudio.errors import SetupError
from gradstudio.setup.models import DataSetup, Setup
from gradstudio.training.build import check_setup
from gradstudio.training.checks import training_samples
from gradstudio.training.trainer import Trainer
from tests.training.setups import small


def refusal(setup: Setup) -> str:
    with pytest.raises(SetupError) as before:
        check_setup(setup)
    with pytest.raises(SetupError) as built:
        Trainer(setup)
    assert str(before.value) == str(built.value)
    return str(before.value)


@pytest.mark.parametrize(
    ("units", "structure", "sentence"),
    [
        (
            (5, 5, 3),
            {"residual": "plain"},
            "network.layers[2].residual: a shortcut adds 5 units of layer 2 to 3: both must "
            "be equal",
        ),
        (
            (5, 5),
            {"residual": "rezero", "span": 2},
            "network.layers[1].residual: a shortcut adds 2 units of the input to 5: both must be "
            "equal",
        ),
        (
            (5, 5),
            {"residual": "fixup", "span": 3},
            "network.layers[1].residual: a shortcut over 3 layers begins before the input: at "
            "most 2 here",
        ),
    ],
)
def test_a_shortcut_that_cannot_be_made(
    units: tuple[int, ...], structure: dict[str, Any], sentence: str
) -> None:
    assert refusal(small(units, structure=structure)) == sentence


def test_a_shortcut_can_begin_at_an_input_of_its_width() -> None:
    check_setup(small((2, 2), structure={"residual": "plain", "span": 2}))


def test_a_batch_larger_than_the_training_part() -> None:
    assert refusal(small(batch_size=43)) == (
        "training.batch_size: 43 is above the 42 training samples: a smaller batch is needed, or "
        "more samples"
    )
    check_setup(small(batch_size=42))


def test_batch_normalisation_of_single_samples() -> None:
    sentence = refusal(small(structure={"normalisation": "batch"}, batch_size=1))
    assert sentence.startswith(
        "training.batch_size: 1 is below 2: batch normalisation in layer 2 compares"
    )
    check_setup(small(structure={"normalisation": "layer"}, batch_size=1))


@pytest.mark.parametrize("share", [0.0, 0.25, 0.37, 0.8])
@pytest.mark.parametrize("name", DATA_SETS)
def test_the_training_part_is_known_beforehand(name: str, share: float) -> None:
    setup = DataSetup(name=name, samples=77, test_share=share)
    made = make_data(setup, DATA_SETS[name].default_loss)
    assert training_samples(setup) == len(made.x_train)
