"""How much of a vanished signal the weights and the slopes have taken, in words."""

from __future__ import annotations

import math
import re

import numpy as np

from gradstudio.nn.chain import ChainFactors
from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup
from gradstudio.setup.starts import InitializerSetup
from gradstudio.training.diagnosis import diagnose
from gradstudio.training.reading import Reading
from gradstudio.training.shares import shares_of, slope_name
from gradstudio.training.trainer import Trainer

SIGMOIDS = NetworkSetup(
    layers=(
        LayerSetup(
            units=24, activation="sigmoid", initializer=InitializerSetup(name="uniform_fan_in")
        ),
    )
    * 12
)


def test_the_cause_of_a_vanishing_gradient_gives_the_measured_shares() -> None:
    trainer = Trainer(Setup(network=SIGMOIDS))
    trainer.run(30)
    trainer.ask(frozenset({"chain"}))
    trainer.step()
    found = diagnose(trainer.recording, reading=trainer.reading)
    assert found.cause.startswith("At step 30, of −")
    whole, slopes, weights = (
        float(text.replace("−", "-")) for text in re.findall(r"[−+]\d+\.\d", found.cause)[:3]
    )
    assert round(slopes + weights, 1) == whole
    assert trainer.reading is not None
    assert whole == round(math.log10(trainer.reading.values["chain"].ratio), 1)
    assert "come from sigmoid′ and" in found.cause
    without = diagnose(trainer.recording)
    assert found.cause.endswith(without.cause)
    assert diagnose(trainer.recording, at_step=25, reading=trainer.reading).cause == without.cause


def test_without_finite_factors_nothing_is_said() -> None:
    zero = ChainFactors(np.zeros(13), np.full(12, np.nan), np.zeros(12), np.ones(12))
    assert shares_of(Reading(0, {"chain": zero}), SIGMOIDS) == ""
    assert shares_of(Reading(0, {}), SIGMOIDS) == ""
    assert shares_of(None, SIGMOIDS) == ""


def test_the_rest_has_a_share_of_its_own() -> None:
    factors = ChainFactors(np.array([0.1, 1.0]), np.array([0.5]), np.array([0.1]), np.array([2.0]))
    one = NetworkSetup(layers=(LayerSetup(activation="relu", normalisation="layer"),))
    assert shares_of(Reading(7, {"chain": factors}), one) == (
        "At step 7, of −1.0 decades −1.0 come from ReLU′, −0.3 from the weights and +0.3 from "
        "shortcuts, normalisation and dropout."
    )


def test_slopes_are_called_by_the_activation() -> None:
    names = {"sigmoid": "sigmoid′", "relu": "ReLU′", "leaky_relu": "leaky ReLU′", "gelu": "GELU′"}
    for activation, name in names.items():
        layers = (LayerSetup.model_validate({"activation": activation}),)
        assert slope_name(NetworkSetup(layers=layers)) == name
    mixed = (LayerSetup(activation="relu"), LayerSetup(activation="tanh"))
    assert slope_name(NetworkSetup(layers=mixed)) == "φ′"
