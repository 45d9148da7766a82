"""Which parts of a setup do not fit each other, each with the path of its field."""

from __future__ import annotations

from collections.abc import Sequence

from gradstudio.data import data_set
from gradstudio.errors import SetupError
from gradstudio.nn.structure import misfit
from gradstudio.numbers import count
from gradstudio.setup.models import DataSetup, Setup
from gradstudio.training.structure import structures_of


def check_structure(setup: Setup, sizes: Sequence[int]) -> None:
    """Refuse the first shortcut that cannot be made.

    Raises
    ------
    SetupError
        With the path of the field, what is wrong and what would be right.
    """
    found = misfit(sizes, structures_of(setup.network))
    if found is not None:
        layer, problem = found
        raise SetupError(problem, f"network.layers[{layer}].residual")


def check_batch(setup: Setup, samples: int | None = None) -> None:
    """Refuse a batch larger than the training part, or too small for batch normalisation.

    Parameters
    ----------
    setup
        The design.
    samples
        Samples of the training part; by the setup if not given.

    Raises
    ------
    SetupError
        With the path of the field, what is wrong and what would be right.
    """
    batch = setup.training.batch_size
    samples = training_samples(setup.data) if samples is None else samples
    if batch > samples:
        raise SetupError(
            f"{count(batch)} is above the {count(samples)} training samples: a smaller batch is "
            "needed, or more samples",
            "training.batch_size",
        )
    layers = enumerate(setup.network.layers, 1)
    normed = next((number for number, x in layers if x.normalisation == "batch"), None)
    if normed is not None and batch < 2:
        raise SetupError(
            f"{batch} is below 2: batch normalisation in layer {normed} compares the samples of a "
            "batch; layer normalisation needs none",
            "training.batch_size",
        )


def training_samples(data: DataSetup) -> int:
    """Samples of the training part, before the set is made."""
    samples = data_set(data.name).samples or data.samples
    return max(samples - round(samples * data.test_share), 1)
