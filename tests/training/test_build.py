from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradstudio import load_setup
from gradstudio.data import DATA_SETS, make_data
from gradstudio.errors import SetupError, SetupFileError
from gradstudio.setup.file import write_setup
from gradstudio.setup.models import (
    BiasSetup,
    DataSetup,
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    OutputSetup,
    Setup,
    TrainingSetup,
)
from gradstudio.training.build import (
    build_network,
    check_setup,
    initial_weights,
    layer_sizes,
    memory_bytes,
)
from tests.training.setups import small


@pytest.mark.parametrize(
    ("data", "loss", "ends"),
    [
        ("xor", "softmax_cross_entropy", (2, 2)),
        ("xor", "binary_cross_entropy", (2, 1)),
        ("xor", "mse", (2, 2)),
        ("digits", "softmax_cross_entropy", (64, 10)),
        ("sine", "mse", (1, 1)),
        ("diabetes", "mse", (10, 1)),
    ],
)
def test_sizes_follow_data_and_loss(data: str, loss: str, ends: tuple[int, int]) -> None:
    setup = small((7, 6), data=data, loss=loss)
    assert layer_sizes(setup) == (ends[0], 7, 6, ends[1])
    check_setup(setup)


@pytest.mark.parametrize("data", DATA_SETS)
def test_sizes_known_beforehand_are_those_of_the_data(data: str) -> None:
    from gradstudio.data import make_data

    loss = DATA_SETS[data].default_loss
    made = make_data(DataSetup(name=data), loss)
    sizes = layer_sizes(small(data=data, loss=loss))
    assert (sizes[0], sizes[-1]) == (made.input_size, made.output_size)


@pytest.mark.parametrize(
    ("data", "loss"),
    [
        ("sine", "softmax_cross_entropy"),
        ("blobs", "binary_cross_entropy"),
        ("diabetes", "binary_cross_entropy"),
    ],
)
def test_a_loss_that_does_not_fit_is_refused(data: str, loss: str) -> None:
    with pytest.raises(SetupError, match=r"training\.loss: .*does not fit") as refused:
        check_setup(small(data=data, loss=loss))
    assert refused.value.path == "training.loss"


def test_too_many_parameters_are_refused() -> None:
    with pytest.raises(SetupError, match=r"parameters are above 50,000,000") as refused:
        check_setup(small((2048,) * 20))
    assert refused.value.path == "network.layers"


def test_too_much_memory_is_refused() -> None:
    setup = small((1000,) * 45, batch_size=20_000)
    setup = setup.model_copy(update={"data": DataSetup(name="xor", samples=20_000, test_share=0.0)})
    with pytest.raises(SetupError, match=r"GB of memory are above 2 GB"):
        check_setup(setup)
    few = setup.model_copy(update={"training": TrainingSetup(batch_size=64)})
    check_setup(few)
    assert memory_bytes(few) < memory_bytes(setup) / 10


def test_weights_start_as_the_setup_says() -> None:
    layers = (
        LayerSetup(units=4, initializer=InitializerSetup(name="constant", value=0.3)),
        LayerSetup(units=3, bias=BiasSetup(name="constant", value=-0.2)),
        LayerSetup(units=200, bias=BiasSetup(name="uniform", bound=0.4)),
    )
    setup = Setup(network=NetworkSetup(layers=layers), training=TrainingSetup())
    net = build_network(setup)
    assert net.dtype == np.float32
    assert (net.weights[0] == np.float32(0.3)).all()
    assert not net.biases[0].any()
    assert (net.biases[1] == np.float32(-0.2)).all()
    assert 0.38 < np.abs(net.biases[2]).max() <= 0.4
    for layer, W in enumerate(net.weights):
        np.testing.assert_array_equal(W, initial_weights(setup, layer).astype(np.float32))


def scaled_by_data(units: int = 30, layers: int = 6, **changes: str) -> Setup:
    start = InitializerSetup(name="lsuv")
    layer = LayerSetup(units=units, activation="relu", initializer=start)
    network = NetworkSetup(layers=(layer,) * layers, output=OutputSetup(initializer=start))
    return Setup(network=network, training=TrainingSetup.model_validate(changes))


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_weights_scaled_by_data_give_unit_variance_on_the_first_samples(activation: str) -> None:
    setup = small((30,) * 6, data="moons", activation=activation, initializer="lsuv", output="lsuv")
    net, data = build_network(setup), make_data(setup.data, setup.training.loss)
    for layer in range(net.layer_count):
        assert abs(net.pre_activations(data.x_train[:256], layer).var() - 1) < 0.1
        np.testing.assert_array_equal(
            net.weights[layer], initial_weights(setup, layer).astype(np.float32)
        )


def test_weights_scaled_by_data_are_orthogonal_and_the_same_in_both_precisions() -> None:
    single, double = (
        build_network(scaled_by_data(precision=name)).weights for name in ("float32", "float64")
    )
    np.testing.assert_array_equal(single[2], double[2].astype(np.float32))
    gram = double[2].T @ double[2]
    assert np.abs(gram / gram[0, 0] - np.eye(30)).max() < 1e-12


def test_weights_scaled_by_data_follow_the_data_and_the_layers_before() -> None:
    setup = scaled_by_data()
    other = setup.model_copy(update={"data": DataSetup(name="circles", standardise=False)})
    assert initial_weights(setup, 0)[0, 0] != initial_weights(other, 0)[0, 0]
    layers = list(setup.network.layers)
    layers[1] = layers[1].model_copy(update={"initializer": InitializerSetup(name="normal")})
    network = setup.network.model_copy(update={"layers": tuple(layers)})
    edited = setup.model_copy(update={"network": network})
    ratio = initial_weights(edited, 2) / initial_weights(setup, 2)
    assert ratio.std() < 1e-12 and ratio.mean() != pytest.approx(1.0, rel=0.1)


def test_without_data_they_start_as_drawn() -> None:
    setup = scaled_by_data()
    odd = setup.model_copy(update={"data": DataSetup(name="sine")})
    assert initial_weights(odd, 1).std() == pytest.approx(1 / np.sqrt(30), rel=0.01)


def test_an_initializer_knows_the_layer_it_fills() -> None:
    start = InitializerSetup(name="lecun_normal", gain="auto")
    critical = InitializerSetup(name="critical")
    layers = (
        LayerSetup(units=400, activation="relu", initializer=start),
        LayerSetup(units=400, activation="relu", initializer=start),
        LayerSetup(units=400, activation="leaky_relu", leak=0.5, initializer=start),
        LayerSetup(
            units=400,
            activation="tanh",
            initializer=critical,
            bias=BiasSetup(name="normal", std=float(np.sqrt(0.05))),
        ),
    )
    setup = Setup(network=NetworkSetup(layers=layers, output=OutputSetup(initializer=start)))
    gains = [400 * initial_weights(setup, layer).var() for layer in range(1, 5)]
    assert gains == pytest.approx([2.0, 2 / 1.25, 1.760955, 1.0], rel=0.1)
    assert build_network(setup).biases[3].var() == pytest.approx(0.05, rel=0.3)


def test_an_edit_of_one_layer_leaves_the_others_as_they_are() -> None:
    setup = small((5, 5, 5))
    layers = list(setup.network.layers)
    layers[1] = layers[1].model_copy(update={"initializer": InitializerSetup(name="he_uniform")})
    network = setup.network.model_copy(update={"layers": tuple(layers)})
    edited = build_network(setup.model_copy(update={"network": network}))
    plain = build_network(setup)
    same = [a.tobytes() == b.tobytes() for a, b in zip(plain.weights, edited.weights, strict=True)]
    assert same == [True, False, True, True]


def test_layers_of_one_shape_start_differently() -> None:
    net = build_network(small((5, 5, 5)))
    assert net.weights[1].tobytes() != net.weights[2].tobytes()


def test_the_seed_decides_the_weights_in_both_precisions() -> None:
    single, double = (
        build_network(small(precision=precision)).flat for precision in ("float32", "float64")
    )
    np.testing.assert_array_equal(single, double.astype(np.float32))
    assert single.tobytes() == build_network(small()).flat.tobytes()
    assert single.tobytes() != build_network(small(seed=12)).flat.tobytes()


def test_a_file_whose_parts_do_not_fit_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "odd.gradstudio.json"
    write_setup(small(data="sine"), path)
    with pytest.raises(SetupFileError, match=r"odd\.gradstudio\.json: training\.loss"):
        load_setup(path)
    write_setup(small(), path)
    assert load_setup(path) == small()
