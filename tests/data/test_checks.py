"""Samples on which no network can be trained are refused with the field and the value."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.data import make_data, task
from gradstudio.data.samples import Samples
from gradstudio.errors import SetupError
from gradstudio.setup.models import DataSetup

GOOD = Samples(
    np.linspace(-1.0, 1.0, 24).reshape(12, 2), np.arange(12) % 3, ("width", "height"), tuple("abc")
)


@pytest.fixture
def refusal(monkeypatch):
    """The sentence with which samples are refused."""

    def sentence(samples: Samples, **setup) -> str:
        monkeypatch.setattr(task, "_draw", lambda *_: samples)
        task._make.cache_clear()
        with pytest.raises(SetupError) as refused:
            make_data(DataSetup(**setup), "softmax_cross_entropy")
        task._make.cache_clear()
        return str(refused.value)

    return sentence


def changed(**parts) -> Samples:
    return Samples(**({name: getattr(GOOD, name) for name in GOOD.__dataclass_fields__} | parts))


def test_no_sample(refusal):
    empty = changed(x=GOOD.x[:0], labels=GOOD.labels[:0])
    assert refusal(empty) == "data.name: holds no sample: at least 2 are needed"


@pytest.mark.parametrize(("value", "shown"), [(np.nan, "nan"), (-np.inf, "-inf")])
def test_an_input_that_is_not_finite(refusal, value, shown):
    x = GOOD.x.copy()
    x[4, 1] = value
    assert refusal(changed(x=x)) == (
        f"data.name: height of sample 5 is {shown}: finite numbers are needed"
    )


@pytest.mark.parametrize("label", [-1, 3, 7])
def test_a_label_outside_the_classes(refusal, label):
    labels = GOOD.labels.copy()
    labels[2] = label
    assert refusal(changed(labels=labels)) == (
        f"data.name: the class of sample 3 is {label}: one of 0 to 2 is needed"
    )


@pytest.mark.parametrize("label", [0.5, np.nan])
def test_a_label_that_is_no_class(refusal, label):
    labels = GOOD.labels.astype(np.float64)
    labels[0] = label
    assert refusal(changed(labels=labels)).startswith(
        f"data.name: the class of sample 1 is {label}"
    )


def test_another_number_of_targets(refusal):
    assert "12 inputs, but 11 targets" in refusal(changed(labels=GOOD.labels[:11]))


def test_a_value_to_predict_that_is_not_finite(refusal):
    targets = np.where(np.arange(12) == 7, np.nan, 0.5)
    samples = changed(labels=targets, class_names=())
    assert refusal(samples) == (
        "data.name: the target of sample 8 is nan: finite numbers are needed"
    )


def test_a_single_class(refusal):
    sentence = refusal(changed(labels=np.zeros(12, np.int64)))
    assert sentence.startswith("data.test_share: leaves 9 training samples of one class")


def test_an_input_that_single_precision_cannot_hold(refusal):
    x = GOOD.x.copy()
    x[:, 0] *= 1e300
    sentence = refusal(changed(x=x), standardise=False)
    assert sentence.startswith("data.standardise: off: input 1 of training sample")
    assert "outside what float32 holds" in sentence


def test_a_training_part_without_samples():
    with pytest.raises(SetupError, match=r"data\.test_share: leaves no sample for training"):
        task.check_training_part(GOOD.x[:0], GOOD.labels[:0], 3)
