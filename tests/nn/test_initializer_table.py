"""What the table says of initializers: gains, numbers of a layer, names elsewhere, sources."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from scipy import stats

from gradstudio.nn.activations import ACTIVATIONS, leaky_relu
from gradstudio.nn.biases import BIAS_INITIALIZERS
from gradstudio.nn.initializer import PARAMETERS, Group
from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.nn.twins import TWINS
from tests.nn.starts import CASES, NAMES, sample

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "initializers.json").read_text(encoding="utf-8")
)
DRAWS = REFERENCE["draws"]
PLAIN_FANS = ("lecun_normal", "xavier_normal", "he_normal", "variance_scaling")


@pytest.mark.parametrize("name", INITIALIZERS)
def test_an_entry_says_everything_about_itself(name: str) -> None:
    entry = INITIALIZERS[name]
    assert entry.name == name
    assert entry.label and entry.formula and entry.use_when.endswith(".")
    assert entry.group in get_args(Group)
    assert entry.bad == (entry.group == "Bad on purpose")
    assert set(entry.parameters) <= set(PARAMETERS)
    assert entry.twins == TWINS.get(name, ())
    assert len({twin.framework for twin in entry.twins}) == len(entry.twins)


def test_every_twin_belongs_to_an_entry() -> None:
    assert set(TWINS) <= set(INITIALIZERS)


@pytest.mark.parametrize(("name", "arguments"), CASES, ids=NAMES)
def test_numbers_are_tex_with_the_deviation_or_the_bound_in_it(
    name: str, arguments: dict[str, Any]
) -> None:
    entry = INITIALIZERS[name]
    text = entry.numbers(24, 16, **arguments)
    assert text.count("{") == text.count("}")
    bound = entry.bound(24, 16, **arguments)
    said = [entry.std(24, 16, **arguments), bound if isinstance(bound, float) else math.nan]
    assert name == "identity" or any(f"{value:.3g}" in text for value in said)


def test_numbers_are_those_of_the_layer() -> None:
    def numbers(name: str, fan_in: int, fan_out: int, **arguments: Any) -> str:
        return INITIALIZERS[name].numbers(fan_in, fan_out, **arguments)

    assert numbers("xavier_normal", 24, 24) == r"\sigma=\sqrt{2/(24+24)}=0.204"
    assert numbers("he_uniform", 6, 9) == r"l=\sqrt{6/6}=1"
    assert numbers("he_normal", 6, 8, mode="fan_out") == r"\sigma=\sqrt{2/8}=0.5"
    assert numbers("uniform_fan_in", 16, 2) == r"l=\sqrt{1/16}=0.25"
    assert numbers("xavier_normal", 2, 6, gain=3.0) == r"\sigma=3\sqrt{2/(2+6)}=1.5"
    assert (
        numbers("he_normal", 8, 8, gain="auto", activation="relu") == r"\sigma=1.41\sqrt{1/8}=0.5"
    )
    assert numbers("he_normal", 4, 8, gain="auto", activation="tanh") == r"\sigma=\sqrt{1/4}=0.5"
    assert (
        numbers("variance_scaling", 2, 8, mode="fan_geo_avg", distribution="uniform", scale=2.0)
        == r"l=\sqrt{6/\sqrt{2\cdot8}}=1.22"
    )
    assert numbers("sparse", 10, 3, sparsity=0.25).startswith(r"3\text{ of }10\text{ zero}")


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_auto_puts_the_gain_of_the_activation_in_the_place_of_the_built_in_factor(
    activation: str,
) -> None:
    gain = ACTIVATIONS[activation].gain
    auto = {"gain": "auto", "activation": activation}
    fans = {"xavier_normal": 350, "xavier_uniform": 350}
    for name in (*PLAIN_FANS, *fans, "he_uniform", "lecun_uniform", "orthogonal"):
        std = INITIALIZERS[name].std(400, 300, **auto)
        assert std == pytest.approx(gain / math.sqrt(fans.get(name, 400)), rel=1e-12)
    assert INITIALIZERS["identity"].bound(4, 4, **auto) == (0.0, gain)


def test_a_number_multiplies_the_deviation_as_named() -> None:
    for name, entry in INITIALIZERS.items():
        if "gain" in entry.parameters:
            assert entry.std(30, 20, gain=1.7) == pytest.approx(1.7 * entry.std(30, 20)), name
            named = sample(name, (30, 20)) * 1.7
            np.testing.assert_allclose(sample(name, (30, 20), gain=1.7), named, atol=1e-14)


@pytest.mark.parametrize(
    ("activation", "bias_variance", "weight_variance"),
    [
        ("tanh", 0.0, 1.0),
        ("tanh", 0.05, 1.760955),
        ("tanh", 0.2, 2.285152),
        ("erf", 0.0, math.pi / 4),
        ("erf", 0.05, 1.375839),
        ("softsign", 0.1, 3.694134),
        ("hard_tanh", 0.5, 1.717187),
        ("relu", 0.0, 2.0),
        ("linear", 0.0, 1.0),
    ],
)
def test_critical_weights_lie_on_the_edge_of_chaos(
    activation: str, bias_variance: float, weight_variance: float
) -> None:
    layer = {"activation": activation, "bias_variance": bias_variance}
    std = INITIALIZERS["critical"].std(50, 20, **layer)
    assert 50 * std**2 == pytest.approx(weight_variance, rel=2e-6)
    assert rf"\sigma_b^{{2}}={bias_variance:.3g}:" in INITIALIZERS["critical"].numbers(
        50, 20, **layer
    )


def test_where_there_is_no_edge_the_gain_of_the_activation_stands_in_and_it_is_said() -> None:
    layer = {"activation": "relu", "bias_variance": 0.05}
    entry = INITIALIZERS["critical"]
    assert entry.std(8, 3, **layer) == pytest.approx(0.5)
    assert entry.numbers(8, 3, **layer) == (r"\text{no critical }\sigma_w:\;\sigma=\sqrt{2/8}=0.5")


def test_an_activation_can_be_given_as_it_is() -> None:
    entry = INITIALIZERS["lecun_normal"]
    std = entry.std(4, 4, gain="auto", activation=leaky_relu(0.5))
    assert std == pytest.approx(math.sqrt(2 / 1.25 / 4))


def test_auto_for_relu_is_the_gain_that_pytorch_calculates() -> None:
    for name, gain in REFERENCE["gains"].items():
        assert ACTIVATIONS[name].gain == pytest.approx(gain, rel=1e-12)


def test_a_parameter_that_is_not_taken_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(TypeError, match=r"he_normal has no parameter 'std'; it takes gain, mode"):
        INITIALIZERS["he_normal"].sample((2, 2), rng=rng, std=1.0)
    with pytest.raises(ValueError, match="not one of fan_in, fan_out, fan_avg, fan_geo_avg"):
        INITIALIZERS["he_normal"].std(2, 2, mode="fan")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"zeros has no parameter 'std'; it takes none"):
        BIAS_INITIALIZERS["zeros"].sample(2, fan_in=2, rng=rng, std=1.0)


# --- against what other frameworks draw ------------------------------------------------------


@pytest.mark.parametrize("row", DRAWS, ids=[f"{row['framework']} {row['call']}" for row in DRAWS])
def test_the_deviation_is_that_of_the_twin(row: dict[str, Any]) -> None:
    std = INITIALIZERS[row["entry"]].std(600, 200, **row["arguments"])
    error = 5 * math.sqrt((row["kurtosis"] - 1) / row["n"]) / 2
    assert row["std"] == pytest.approx(std, rel=error)


@pytest.mark.parametrize("row", DRAWS, ids=[f"{row['framework']} {row['call']}" for row in DRAWS])
def test_a_twin_truncates_where_the_table_says_so(row: dict[str, Any]) -> None:
    entry = INITIALIZERS[row["entry"]]
    (twin,) = (twin for twin in entry.twins if twin.framework == row["framework"])
    assert twin.name.split("(")[0] == row["twin"].split("(")[0]
    std = entry.std(600, 200, **row["arguments"])
    is_cut = row["kurtosis"] == pytest.approx(2.3655, abs=0.02)
    assert twin.truncates == is_cut
    reach = row["largest"] - abs(row["mean"])
    assert (reach <= 2.2738 * std) == (is_cut or row["kurtosis"] < 1.9)


def test_our_draws_have_the_kurtosis_of_the_twin_that_does_not_truncate() -> None:
    for row in DRAWS:
        if row["framework"] == "PyTorch":
            W = sample(row["entry"], (600, 200), **row["arguments"])
            measured = stats.kurtosis(W.ravel(), fisher=False)
            assert measured == pytest.approx(row["kurtosis"], abs=0.08), row["call"]


def test_biases_and_sparse_weights_are_those_of_pytorch() -> None:
    bias = REFERENCE["nn.Linear bias"]
    std = math.sqrt(BIAS_INITIALIZERS["uniform_fan_in"].variance(600))
    assert bias["std"] == pytest.approx(std, rel=5 * math.sqrt(0.8 / bias["n"]) / 2)
    # in PyTorch a column is an input, so that the share is one of its 200 outputs
    sparse = INITIALIZERS["sparse"].std(200, 600, sparsity=0.1, std=0.01)
    assert sparse == pytest.approx(0.009486832980505138, rel=1e-12)
    assert REFERENCE["sparse_ 0.1, std 0.01"]["std"] == pytest.approx(sparse, rel=0.005)
