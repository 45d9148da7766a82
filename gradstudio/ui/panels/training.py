"""The training loop: loss, optimizer, batch, clipping, precision, and when it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from gradstudio.data import losses_for
from gradstudio.nn.losses import LOSSES
from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.setup.models import StopSetup, TrainingSetup
from gradstudio.ui.choices import Choice, ChoiceField
from gradstudio.ui.field_spec import FieldError, FieldSpec, field_spec, replaced
from gradstudio.ui.fields import NumberField, OptionalNumberField, describe
from gradstudio.ui.forms import AnyEditor, Form
from gradstudio.ui.panels.panel import MERGING, Panel

_FIELDS: Final = ("loss", "optimizer", "batch_size", "momentum", "clip_norm", "precision")
_STOPS: Final[Mapping[str, float]] = {"steps": 5000, "epochs": 100, "loss": 0.01}


class TrainingPanel(Panel):
    """Edits a `TrainingSetup`, but for the learning rate, which the toolbar holds."""

    def __init__(self) -> None:
        super().__init__("Training", "trainingPanel")
        self._slice = TrainingSetup()
        self.form, self.stops = Form(), Form()
        for name in _FIELDS:
            spec = field_spec(TrainingSetup, name)
            self.form.add(spec, self._editor(spec), wide=name == "loss")
        for name, default in _STOPS.items():
            spec = field_spec(StopSetup, name)
            text = "Stop at loss" if name == "loss" else f"Stop after {name}"
            self.stops.add(spec, OptionalNumberField(spec, default, text), "", wide=True)
        self.form.edited.connect(self._edit)
        self.stops.edited.connect(self._edit_stop)
        self.body.addWidget(self.form)
        self.body.addWidget(self.stops)
        self.stop_switch = self.add_switch(
            "ph.flag-banner", "When the run ends by itself", [self.stops]
        )
        self.set_losses(LOSSES)
        self.show_slice(self._slice)

    def show_slice(self, training: TrainingSetup) -> None:
        """Show a training setup."""
        self._slice = training
        self.form.show_values(training)
        self.stops.show_values(training.stop)
        hidden = () if training.optimizer == "momentum" else ("momentum",)
        self.form.set_shown(*(name for name in _FIELDS if name not in hidden))
        self.header.set_subtitle(stop_text(training.stop))

    def set_data(self, name: str) -> None:
        """Offer only the losses that fit a data set."""
        self.set_losses(losses_for(name))

    def set_losses(self, names: Iterable[str]) -> None:
        """Offer these losses."""
        field = self.form.editor("loss")
        assert isinstance(field, ChoiceField)
        field.set_choices(Choice(name, LOSSES[name].label) for name in names)
        field.set_value(self._slice.loss)

    def _editor(self, spec: FieldSpec) -> AnyEditor:
        if spec.kind == "choice":
            field = ChoiceField(spec.label)
            describe(field, spec)
            field.set_choices(Choice(value, choice_label(value)) for value in spec.choices)
            return field
        return OptionalNumberField(spec, 1.0) if spec.optional else NumberField(spec)

    def _edit(self, name: str, value: object) -> None:
        spec = self.form.spec(name)
        try:
            new = replaced(self._slice, **{name: value})
        except FieldError as error:
            self.form.editor(name).refuse(str(error))
            return
        before, after = (
            choice_label(str(getattr(part, name)))
            if spec.kind == "choice"
            else spec.written(getattr(part, name))
            for part in (self._slice, new)
        )
        key = f"training.{name}" if spec.kind in MERGING else ""
        self.edited.emit(new, f"{spec.label} {before} to {after}", key)

    def _edit_stop(self, name: str, value: object) -> None:
        spec = self.stops.spec(name)
        stop = replaced(self._slice.stop, **{name: value})
        before = spec.written(getattr(self._slice.stop, name))
        text = f"Stop rule {spec.label.lower()} {before} to {spec.written(getattr(stop, name))}"
        self.edited.emit(replaced(self._slice, stop=stop), text, f"training.stop.{name}")


def choice_label(value: str) -> str:
    """How a loss, optimizer or precision is called."""
    if value in LOSSES:
        return LOSSES[value].label
    return OPTIMIZERS[value].label if value in OPTIMIZERS else value


def stop_text(stop: StopSetup) -> str:
    """The stop rules in a few words: ``"stop: loss ≤ 0.01 or 5,000 steps"``."""
    rules = []
    if stop.loss is not None:
        rules.append(f"loss ≤ {field_spec(StopSetup, 'loss').written(stop.loss)}")
    if stop.steps is not None:
        rules.append(f"{stop.steps:,} steps")
    if stop.epochs is not None:
        rules.append(f"{stop.epochs:,} epochs")
    return f"stop: {' or '.join(rules)}" if rules else "no stop rule"
