"""The training loop: loss, optimizer, batch, clipping, schedule, precision, and when it ends."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Final, TypeVar

from gradstudio.data import losses_for
from gradstudio.nn.losses import LOSSES
from gradstudio.setup.models import Model, ScheduleSetup, StopSetup, TrainingSetup
from gradstudio.ui.choices import Choice, ChoiceField
from gradstudio.ui.field_spec import FieldError, FieldSpec, field_spec, replaced
from gradstudio.ui.fields import NumberField, OptionalNumberField, describe
from gradstudio.ui.forms import AnyEditor, Form
from gradstudio.ui.panels.panel import MERGING, Panel
from gradstudio.ui.panels.training_text import (
    CLIP_CHOICES,
    choice_help,
    choice_label,
    clip_choice,
    clip_text,
    header_text,
    rate_text,
)
from gradstudio.ui.widgets import label

M = TypeVar("M", bound=Model)

_FIELDS: Final = ("loss", "optimizer", "batch_size", *TrainingSetup.OPTIMIZER_FIELDS)
_ALWAYS: Final = ("loss", "optimizer", "batch_size")
_SCHEDULE: Final = ("name", "steps", "factor", "floor", "warmup_steps")
_DETAILS: Final = ("weight_decay", "precision")
_STOPS: Final[Mapping[str, float]] = {"steps": 5000, "epochs": 100, "loss": 0.01}
_CLIP_NUMBERS: Final = {"clip_norm": "at |g|", "clip_value": "at ±"}
_SHORT: Final = {"weight_decay": "Decay"}
CLIP: Final = FieldSpec(
    name="clip",
    label="Clip",
    description="Caps an exploding gradient. It cannot raise a vanishing one.",
    unit="",
    kind="choice",
    low=-math.inf,
    high=math.inf,
    above=False,
    optional=False,
    choices=tuple(CLIP_CHOICES),
    live=True,
    log=False,
)
"""A field of the panel only: which of ``clip_norm`` and ``clip_value`` are on."""


class TrainingPanel(Panel):
    """Edits a `TrainingSetup`, but for the learning rate, which the toolbar holds."""

    def __init__(self) -> None:
        super().__init__("Training", "trainingPanel")
        self._slice = TrainingSetup()
        self._fault = ""
        self.form, self.clipping, self.schedule = Form(), Form(), Form()
        self.details, self.stops = Form(), Form()
        for name in _FIELDS:
            self._add(self.form, field_spec(TrainingSetup, name), wide=name == "loss")
        self._add_clipping()
        for name in _SCHEDULE:
            self._add(self.schedule, field_spec(ScheduleSetup, name))
        for name in _DETAILS:
            self._add(self.details, field_spec(TrainingSetup, name))
        for name, default in _STOPS.items():
            spec = field_spec(StopSetup, name)
            text = "Stop at loss" if name == "loss" else f"Stop after {name}"
            self.stops.add(spec, OptionalNumberField(spec, default, text), "", wide=True)
        self.rates = label("", "caption")
        self.rates.setWordWrap(True)
        self.rates.setObjectName("rates")
        self._build()
        self.set_losses(LOSSES)
        self.show_slice(self._slice)

    def show_slice(self, training: TrainingSetup) -> None:
        """Show a training setup."""
        self._slice = training
        for form in (self.form, self.details):
            form.show_values(training)
        self.schedule.show_values(training.schedule)
        self.stops.show_values(training.stop)
        clip = clip_choice(training)
        numbers = {name: getattr(training, name) for name in _CLIP_NUMBERS}
        on = {name: number for name, number in numbers.items() if number is not None}
        self.clipping.show_values(SimpleNamespace(clip=clip, **on))
        self.form.set_wide("optimizer", bool(training.parameters))
        self.form.set_shown(*_ALWAYS, *training.parameters)
        self.clipping.set_shown("clip", *on)
        self.schedule.set_shown("name", *training.schedule.parameters, "warmup_steps")
        for form, name in ((self.form, "loss"), (self.form, "optimizer"), (self.schedule, "name")):
            _tell_use(form, name)
        self.rates.setText(rate_text(training))
        self.rates.setVisible(bool(self.rates.text()) and self.details_switch.isChecked())
        self.header.set_subtitle(header_text(training))

    def show_fault(self, problem: str) -> None:
        """Say under the batch size why it does not fit the data; empty where it does."""
        if problem or self._fault:
            self.form.show_fault("batch_size", problem)
        self._fault = problem

    def set_data(self, name: str) -> None:
        """Offer only the losses that fit a data set."""
        self.set_losses(losses_for(name))

    def set_losses(self, names: Iterable[str]) -> None:
        """Offer these losses."""
        field = self.form.editor("loss")
        assert isinstance(field, ChoiceField)
        field.set_choices(_choice(name) for name in names)
        field.set_value(self._slice.loss)

    # -- making it -------------------------------------------------------------------------

    def _add(self, form: Form, spec: FieldSpec, *, wide: bool = False) -> None:
        form.add(spec, _editor(spec), _SHORT.get(spec.name), wide=wide)

    def _add_clipping(self) -> None:
        choice = ChoiceField(CLIP.label)
        describe(choice, CLIP)
        choice.set_choices(
            Choice(value, text, tooltip=help_) for value, (text, help_) in CLIP_CHOICES.items()
        )
        self.clipping.add(CLIP, choice)
        for name, text in _CLIP_NUMBERS.items():
            spec = field_spec(TrainingSetup, name)
            number = NumberField(spec)
            number.set_value(1.0)
            self.clipping.add(spec, number, text)

    def _build(self) -> None:
        self.form.edited.connect(self._edit)
        self.clipping.edited.connect(self._edit_clipping)
        self.schedule.edited.connect(self._edit_schedule)
        self.details.edited.connect(self._edit)
        self.stops.edited.connect(self._edit_stop)
        for widget in (
            self.form,
            self.clipping,
            self.schedule,
            self.rates,
            self.details,
            self.stops,
        ):
            self.body.addWidget(widget)
        self.details_switch = self.add_switch(
            "ph.sliders-horizontal",
            "Schedule of the rate, weight decay and precision",
            [self.schedule, self.rates, self.details],
        )
        self.details_switch.toggled.connect(lambda: self.show_slice(self._slice))
        self.stop_switch = self.add_switch(
            "ph.flag-banner", "When the run ends by itself", [self.stops]
        )

    # -- edits -----------------------------------------------------------------------------

    def _edit(self, name: str, value: object) -> None:
        form = self.details if name in _DETAILS else self.form
        new = self._changed(form, self._slice, name, value)
        if new is not None:
            self._tell(new, form.spec(name), self._slice, new)

    def _edit_schedule(self, name: str, value: object) -> None:
        schedule = self._changed(self.schedule, self._slice.schedule, name, value)
        if schedule is not None:
            new = replaced(self._slice, schedule=schedule)
            spec = self.schedule.spec(name)
            title = "Schedule" if name == "name" else f"Schedule {spec.label.lower()}"
            self._tell(new, spec, self._slice.schedule, schedule, title, "training.schedule")

    def _edit_clipping(self, name: str, value: object) -> None:
        if name != "clip":
            new = self._changed(self.clipping, self._slice, name, value)
            if new is not None:
                self._tell(new, self.clipping.spec(name), self._slice, new)
            return
        on = {"norm": ("clip_norm",), "value": ("clip_value",), "both": tuple(_CLIP_NUMBERS)}
        numbers = {
            name: self.clipping.editor(name).value() if name in on.get(str(value), ()) else None
            for name in _CLIP_NUMBERS
        }
        new = replaced(self._slice, **numbers)
        self.edited.emit(new, f"Clip {clip_text(self._slice)} to {clip_text(new)}", "")

    def _edit_stop(self, name: str, value: object) -> None:
        spec = self.stops.spec(name)
        stop = replaced(self._slice.stop, **{name: value})
        before = spec.written(getattr(self._slice.stop, name))
        text = f"Stop rule {spec.label.lower()} {before} to {spec.written(getattr(stop, name))}"
        self.edited.emit(replaced(self._slice, stop=stop), text, f"training.stop.{name}")

    def _changed(self, form: Form, part: M, name: str, value: object) -> M | None:
        """Put a value in; None when it cannot be, which the form then explains."""
        try:
            return replaced(part, **{name: value})
        except FieldError as error:
            form.editor(name).refuse(str(error))
            return None

    def _tell(
        self,
        new: TrainingSetup,
        spec: FieldSpec,
        before: Model,
        after: Model,
        title: str = "",
        path: str = "training",
    ) -> None:
        """Say what was done to a field."""
        old, now = (
            choice_label(str(getattr(part, spec.name)))
            if spec.kind == "choice"
            else spec.written(getattr(part, spec.name))
            for part in (before, after)
        )
        key = f"{path}.{spec.name}" if spec.kind in MERGING else ""
        self.edited.emit(new, f"{title or spec.label} {old} to {now}", key)


def _editor(spec: FieldSpec) -> AnyEditor:
    if spec.kind != "choice":
        return NumberField(spec)
    field = ChoiceField(spec.label)
    describe(field, spec)
    field.set_choices(_choice(value) for value in spec.choices)
    return field


def _tell_use(form: Form, name: str) -> None:
    """Say in the tooltip of a choice what the one chosen is for."""
    editor, spec = form.editor(name), form.spec(name)
    editor.setToolTip("\n".join(filter(None, (choice_help(str(editor.value())), spec.help))))


def _choice(value: str) -> Choice:
    note = "simulated" if value == "float16" else ""
    return Choice(value, choice_label(value), note=note, tooltip=choice_help(value))
