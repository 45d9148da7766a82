"""The training loop in a setup file: what is left out, what still loads, what is refused."""

from __future__ import annotations

import json

import pytest

from gradstudio.errors import SetupError
from gradstudio.nn.losses import LOSSES
from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.nn.schedules import SCHEDULES
from gradstudio.setup import Edit, ScheduleSetup, Setup, TrainingSetup, dumps, loads
from gradstudio.setup.models import CAN_BE_OFF, EDIT_RANGES

ALWAYS = {
    "loss",
    "optimizer",
    "learning_rate",
    "batch_size",
    "precision",
    "stop",
    "edits",
}


def written(training: TrainingSetup) -> dict:
    text = dumps(Setup(training=training))
    assert loads(text).training == training
    return json.loads(text)["training"]


def refused(**training: object) -> str:
    text = json.dumps({"format": "gradstudio-setup", "version": 1, "training": training})
    with pytest.raises(SetupError) as caught:
        loads(text)
    return str(caught.value)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_is_written_with_exactly_the_parameters_it_uses(optimizer: str) -> None:
    training = TrainingSetup(optimizer=optimizer)
    assert set(written(training)) == {*ALWAYS, *training.parameters}


def test_what_differs_from_its_default_is_written_though_nothing_uses_it() -> None:
    assert written(TrainingSetup(optimizer="sgd", beta1=0.5))["beta1"] == 0.5


def test_what_is_off_is_left_out_and_what_is_on_is_written() -> None:
    on = {"weight_decay": 0.1, "clip_norm": 1.0, "clip_value": 0.5}
    assert set(written(TrainingSetup())) == ALWAYS
    assert set(written(TrainingSetup(**on))) == {*ALWAYS, *on}


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        (ScheduleSetup(name="step"), {"name": "step", "steps": 1000, "factor": 0.5}),
        (
            ScheduleSetup(name="cosine", warmup_steps=5),
            {"name": "cosine", "warmup_steps": 5, "steps": 1000, "floor": 0.0},
        ),
        (ScheduleSetup(warmup_steps=5), {"name": "constant", "warmup_steps": 5}),
    ],
)
def test_a_schedule_is_written_with_exactly_the_parameters_it_uses(
    schedule: ScheduleSetup, told: dict
) -> None:
    assert written(TrainingSetup(schedule=schedule))["schedule"] == told


def test_a_file_of_before_still_means_the_same() -> None:
    training = {
        "loss": "mse",
        "optimizer": "momentum",
        "learning_rate": 0.1,
        "momentum": 0.8,
        "batch_size": 32,
        "clip_norm": None,
        "precision": "float32",
        "stop": {"steps": None, "epochs": None, "loss": None},
        "edits": [{"step": 3, "field": "clip_norm", "value": 1.0}],
    }
    text = json.dumps({"format": "gradstudio-setup", "version": 1, "training": training})
    loaded = loads(text).training
    assert (loaded.loss, loaded.momentum, loaded.weight_decay) == ("mse", 0.8, 0.0)
    assert loaded.schedule == ScheduleSetup()
    assert loaded.edits == (Edit(step=3, field="clip_norm", value=1.0),)


def test_every_name_is_one_of_the_tables() -> None:
    for field, table in (("loss", LOSSES), ("optimizer", OPTIMIZERS)):
        names = refused(**{field: "x"}).split("one of ")[1]
        assert names.split(", ") == list(table)
    assert refused(schedule={"name": "x"}).endswith(", ".join(SCHEDULES))


@pytest.mark.parametrize(
    ("training", "sentence"),
    [
        ({"weight_decay": -0.1}, "training.weight_decay: -0.1 is below 0"),
        ({"weight_decay": 2}, "training.weight_decay: 2 is above 1"),
        ({"clip_value": 0}, "training.clip_value: 0 is below 1e-06"),
        ({"alpha": 1}, "training.alpha: 1 is above 0.99999"),
        ({"beta1": -1}, "training.beta1: -1 is below 0"),
        ({"beta2": 1.0}, "training.beta2: 1.0 is above 0.99999"),
        ({"epsilon": 0}, "training.epsilon: 0 is below 1e-12"),
        ({"schedule": {"steps": 0}}, "training.schedule.steps: 0 is below 1"),
        ({"schedule": {"factor": 0}}, "training.schedule.factor: 0 is not above 0"),
        ({"schedule": {"floor": 2}}, "training.schedule.floor: 2 is above 1"),
        (
            {"schedule": {"warmup": 3}},
            "training.schedule: unknown field 'warmup'; did you mean 'warmup_steps'?",
        ),
        (
            {"optimizer": "nesterof"},
            "training.optimizer: 'nesterof' is not one of sgd, momentum, nesterov, rmsprop, "
            "adagrad, adam, adamw; did you mean 'nesterov'?",
        ),
        (
            {"edits": [{"step": 1, "field": "weight_decay", "value": None}]},
            "training.edits[0]: value of weight_decay needs a number, got null",
        ),
        (
            {"edits": [{"step": 1, "field": "clip_value", "value": 1e7}]},
            "training.edits[0]: value 1e+07 is above 1e+06",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_field(training: dict, sentence: str) -> None:
    assert refused(**training) == sentence


@pytest.mark.parametrize("field", EDIT_RANGES)
def test_an_edit_has_the_range_of_its_field(field: str) -> None:
    low, high = EDIT_RANGES[field]
    for value in (low, high):
        assert getattr(TrainingSetup(**{field: value}), field) == value
        assert Edit(step=0, field=field, value=value).value == value
    if field in CAN_BE_OFF:
        assert getattr(TrainingSetup(**{field: None}), field) is None
        assert Edit(step=0, field=field, value=None).value is None
    extra = TrainingSetup.model_fields[field].json_schema_extra
    assert isinstance(extra, dict)
    assert extra["live"] is True
