"""Data sets: what a network is given is what the table and the setup say."""

import sys
from subprocess import run

import numpy as np
import pytest

from gradstudio.data import DATA_SETS, Scaling, collected, losses_for, make_data, task
from gradstudio.data.split import split
from gradstudio.errors import DataError
from gradstudio.setup.models import DataName, DataSetup

EVERY_SET_AND_LOSS = [(name, loss) for name in DATA_SETS for loss in losses_for(name)]


@pytest.mark.parametrize(("name", "loss"), EVERY_SET_AND_LOSS)
def test_shapes_follow_the_table(name, loss):
    entry = DATA_SETS[name]
    data = make_data(DataSetup(name=name), loss, np.float64)
    total = entry.samples or 500
    shares_one = entry.classes == 2 and loss in ("binary_cross_entropy", "sigmoid_mse")
    outputs = 1 if shares_one or entry.classes is None else entry.classes
    assert data.x_train.shape == (len(data.y_train), entry.features)
    assert data.y_train.shape[1] == data.y_test.shape[1] == data.output_size == outputs
    assert len(data.x_train) + len(data.x_test) == total
    assert len(data.x_test) == len(data.labels_test) == round(total / 4)
    assert data.class_count == entry.classes == (len(data.class_names) or None)
    assert len(data.feature_names) == data.input_size == entry.features
    assert data.kind == entry.kind
    assert data.plane == (entry.features == 2)
    assert data.x_train.dtype == data.y_test.dtype == np.float64


@pytest.mark.parametrize("name", DATA_SETS)
def test_inputs_have_mean_0_and_deviation_1_on_the_train_part(name):
    data = make_data(DataSetup(name=name), losses_for(name)[0], np.float64)
    axis = None if data.side else 0
    assert np.allclose(data.x_train.mean(axis=axis), 0, atol=1e-6)
    assert np.allclose(data.x_train.std(axis=axis), 1, atol=1e-6)
    if data.kind == "regression":
        assert np.allclose((data.y_train.mean(), data.y_train.std()), (0, 1))


@pytest.mark.parametrize("name", DATA_SETS)
def test_scaling_is_the_same_for_the_test_part_and_can_be_undone(name):
    loss = losses_for(name)[0]
    raw = make_data(DataSetup(name=name, standardise=False), loss, np.float64)
    data = make_data(DataSetup(name=name), loss, np.float64)
    assert np.allclose(data.scaling.undo(data.x_test), raw.x_test, atol=1e-6)
    assert np.array_equal(data.labels_test, raw.labels_test)
    if data.kind == "regression":
        assert np.allclose(data.target_scaling.undo(data.y_test)[:, 0], data.labels_test)
        assert np.allclose(raw.y_test[:, 0], raw.labels_test)


@pytest.mark.parametrize("name", [n for n, e in DATA_SETS.items() if e.classes])
def test_each_class_is_tested_in_proportion(name):
    data = make_data(DataSetup(name=name, test_share=0.3), "softmax_cross_entropy")
    classes = range(data.class_count)
    train = np.array([(data.labels_train == c).sum() for c in classes])
    test = np.array([(data.labels_test == c).sum() for c in classes])
    assert np.all(np.abs(test - 0.3 * (train + test)) <= 1)


@pytest.mark.parametrize("name", DATA_SETS)
def test_train_and_test_share_no_sample_and_are_shuffled(name):
    data = make_data(DataSetup(name=name), losses_for(name)[0], np.float64)
    assert len(np.unique(data.labels_train[:40])) > 1
    if DATA_SETS[name].generated:
        train = {row.tobytes() for row in data.x_train}
        assert train.isdisjoint(row.tobytes() for row in data.x_test)


@pytest.mark.parametrize("name", DATA_SETS)
def test_targets_say_the_label(name):
    for loss in losses_for(name):
        data = make_data(DataSetup(name=name), loss)
        if data.kind == "regression":
            continue
        if data.y_train.shape[1] == 1:
            assert np.array_equal(data.y_train[:, 0], data.labels_train)
        else:
            assert np.array_equal(data.y_train.argmax(axis=1), data.labels_train)
            assert np.all(data.y_train.sum(axis=1) == 1)


@pytest.mark.parametrize("name", DATA_SETS)
def test_same_seed_same_numbers_and_another_seed_another_draw(name):
    loss = losses_for(name)[0]
    first = make_data(DataSetup(name=name, seed=1), loss)
    other = make_data(DataSetup(name=name, seed=2), loss)
    task._make.cache_clear()
    again = make_data(DataSetup(name=name, seed=1), loss)
    assert again is not first
    assert np.array_equal(again.x_train, first.x_train)
    assert np.array_equal(again.labels_test, first.labels_test)
    assert not np.array_equal(other.x_train, first.x_train)


@pytest.mark.parametrize("name", [n for n, e in DATA_SETS.items() if e.generated])
def test_made_up_sets_have_radius_1_and_noise_is_a_share_of_it(name):
    loss = losses_for(name)[0]

    def draw(noise):
        choice = DataSetup(name=name, samples=4000, noise=noise, test_share=0, standardise=False)
        return make_data(choice, loss, np.float64)

    clean = draw(0.0)
    values = clean.labels_train if name == "sine" else clean.x_train
    assert 0.9 < np.abs(values).max() < 2.1
    if name in ("spirals", "xor", "sine"):
        assert np.abs(values).max() == pytest.approx(1, abs=0.01)
        moved = draw(0.2)
        change = moved.labels_train - values if name == "sine" else moved.x_train - values
        assert change.std() == pytest.approx(0.2, rel=0.05)


def test_spirals_without_noise_lie_on_two_arms_half_a_turn_apart():
    choice = DataSetup(noise=0, test_share=0, standardise=False)
    data = make_data(choice, "softmax_cross_entropy", np.float64)
    radius = np.hypot(*data.x_train.T)
    angle = np.arctan2(data.x_train[:, 1], data.x_train[:, 0])
    beyond = (angle - 2 * np.pi * 1.5 * radius - np.pi * data.labels_train) / (2 * np.pi)
    assert np.allclose(beyond, np.round(beyond), atol=1e-9)


def test_xor_class_is_the_sign_of_the_product():
    choice = DataSetup(name="xor", noise=0, test_share=0, standardise=False)
    data = make_data(choice, "binary_cross_entropy", np.float64)
    assert np.array_equal(data.labels_train == 1, data.x_train.prod(axis=1) < 0)
    assert np.bincount(data.labels_train).tolist() == [250, 250]


def test_sine_has_two_periods():
    choice = DataSetup(name="sine", noise=0, test_share=0, standardise=False)
    data = make_data(choice, "mse", np.float64)
    assert np.allclose(data.y_train, np.sin(2 * np.pi * data.x_train))


def test_without_a_test_share_all_samples_train():
    for name in DATA_SETS:
        data = make_data(DataSetup(name=name, test_share=0), losses_for(name)[0])
        assert len(data.x_train) == (DATA_SETS[name].samples or 500)
        assert data.x_test.shape == (0, data.input_size)
        assert data.y_test.shape == (0, data.output_size)
    assert (
        make_data(DataSetup(test_share=0), "mse").describe() == "500 train · no test · standardised"
    )


def test_it_describes_itself():
    def describe(**choice):
        name = choice.get("name", "spirals")
        return make_data(DataSetup(**choice), losses_for(name)[0]).describe()

    assert describe() == "375 train · 125 test · standardised"
    assert describe(name="mnist5k") == "3,750 train · 1,250 test · standardised"
    assert describe(name="diabetes") == "332 train · 110 test · inputs and target standardised"
    assert describe(standardise=False) == "375 train · 125 test · not scaled"


def test_a_constant_column_is_moved_and_not_stretched():
    x = np.array([[1.0, 0.1, 0.0], [3.0, 0.1, 0.0]])
    scaled = Scaling.fit(x).apply(x)
    assert np.allclose(scaled, [[-1, 0, 0], [1, 0, 0]], atol=1e-12)
    assert Scaling.fit(x).apply(np.array([[1.0, 0.3, 5.0]]))[0, 1:] == pytest.approx([0.2, 5])


def test_pixels_share_one_scale():
    for name in ("digits", "mnist5k"):
        data = make_data(DataSetup(name=name), "softmax_cross_entropy")
        assert np.ptp(data.scaling.std) == np.ptp(data.scaling.mean) == 0
        assert np.abs(data.x_test).max() < 4


def test_the_largest_share_leaves_each_class_a_train_sample():
    train, test = split(np.array([0, 0, 1, 1, 1]), 0.8, rng=np.random.default_rng(0))
    strata = np.array([0, 0, 1, 1, 1])
    assert set(strata[train]) == {0, 1}
    assert sorted([*train, *test]) == [0, 1, 2, 3, 4]


def test_arrays_cannot_be_written_to():
    data = make_data(DataSetup(), "mse")
    for array in (data.x_train, data.y_train, data.x_test, data.y_test, data.labels_train):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_same_task_is_made_once():
    assert make_data(DataSetup(), "mse") is make_data(DataSetup(), "mse", "float32")


def test_the_table_names_what_a_setup_can_name():
    assert set(DATA_SETS) == set(DataName.__args__)
    for name, entry in DATA_SETS.items():
        assert entry.name == name
        assert entry.label and entry.about.endswith(".") and entry.source and entry.licence
        assert entry.default_loss == losses_for(name)[0]


def test_a_loss_that_does_not_fit_is_refused_with_those_that_do():
    with pytest.raises(DataError, match=r"'binary_cross_entropy' does not fit Iris: softmax_cross"):
        make_data(DataSetup(name="iris"), "binary_cross_entropy")
    with pytest.raises(DataError, match=r"does not fit Sine: mse, half_mse, mae or huber would"):
        make_data(DataSetup(name="sine"), "softmax_cross_entropy")


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(DataError, match="'spiral' is not one of spirals, circles"):
        losses_for("spiral")


def test_mnist_is_500_of_each_digit():
    samples = collected.mnist5k(0, 0.0, np.random.default_rng(0))
    assert np.bincount(samples.labels).tolist() == [500] * 10
    assert samples.x.min() == 0 and samples.x.max() == 1


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut short"])
def test_a_damaged_file_is_a_sentence(tmp_path, monkeypatch, content):
    file = tmp_path / "mnist5k.npz"
    file.write_bytes(content)
    monkeypatch.setattr(collected, "resource", lambda *parts: file)
    with pytest.raises(DataError, match=r"mnist5k\.npz is damaged\. Install GradStudio again"):
        collected.mnist5k(0, 0.0, np.random.default_rng(0))


def test_a_missing_file_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(collected, "resource", lambda *parts: tmp_path / "absent.npz")
    with pytest.raises(DataError, match=r"absent\.npz is missing"):
        collected.mnist5k(0, 0.0, np.random.default_rng(0))


def test_without_scikit_learn_its_sets_say_so(monkeypatch):
    task._make.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(DataError, match="Moons needs scikit-learn"):
        make_data(DataSetup(name="moons"), "mse")


def test_own_sets_do_not_import_scikit_learn():
    code = (
        "import sys\n"
        "from gradstudio.data import make_data\n"
        "from gradstudio.setup.models import DataSetup\n"
        "for name in ('spirals', 'xor', 'sine', 'mnist5k'):\n"
        "    make_data(DataSetup(name=name), 'mse')\n"
        "sys.exit('sklearn' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0
