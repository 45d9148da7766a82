"""The task: which data set, how much of it, how noisy, how it is split and scaled."""

from __future__ import annotations

from typing import Final

from gradstudio.data import DATA_SETS
from gradstudio.setup.models import DataSetup
from gradstudio.ui.choices import Choice, ChoiceField
from gradstudio.ui.field_spec import FieldError, field_spec, replaced
from gradstudio.ui.fields import NumberField, TickField, describe
from gradstudio.ui.forms import Form
from gradstudio.ui.panels.panel import MERGING, Panel

_GENERATED_ONLY: Final = ("noise", "samples")
_DETAILS: Final = ("test_share", "samples", "seed", "standardise")


class DataPanel(Panel):
    """Edits a `DataSetup`."""

    def __init__(self) -> None:
        super().__init__("Data", "dataPanel")
        self._slice = DataSetup()
        self.form, self.details = Form(), Form()
        for name in ("name", "noise"):
            self.form.add(field_spec(DataSetup, name), self._editor(name))
        for name in _DETAILS:
            spec = field_spec(DataSetup, name)
            tick = name == "standardise"
            self.details.add(spec, self._editor(name), "" if tick else None, wide=tick)
        for form in (self.form, self.details):
            form.edited.connect(self._edit)
            self.body.addWidget(form)
        self.details_switch = self.add_switch(
            "ph.sliders-horizontal", "Samples, test share, seed and scaling", [self.details]
        )
        self.show_slice(self._slice)

    def show_slice(self, data: DataSetup) -> None:
        """Show a data setup."""
        self._slice = data
        self.form.show_values(data)
        self.details.show_values(data)
        generated = DATA_SETS[data.name].generated
        hidden = () if generated else _GENERATED_ONLY
        self.form.set_wide("name", not generated)
        self.form.set_shown(*(name for name in ("name", "noise") if name not in hidden))
        self.details.set_shown(*(name for name in _DETAILS if name not in hidden))

    def set_description(self, text: str) -> None:
        """Say what the set amounts to: ``"375 train · 125 test · standardised"``."""
        self.header.set_subtitle(text)

    def _editor(self, name: str) -> NumberField | TickField | ChoiceField:
        spec = field_spec(DataSetup, name)
        if name == "name":
            field = ChoiceField("Data set", searchable=True)
            describe(field, spec, "Data set")
            field.set_choices(data_choices())
            return field
        return TickField(spec) if spec.kind == "tick" else NumberField(spec)

    def _edit(self, name: str, value: object) -> None:
        form = self.form if name in ("name", "noise") else self.details
        spec = form.spec(name)
        try:
            new = replaced(self._slice, **{name: value})
        except FieldError as error:
            form.editor(name).refuse(str(error))
            return
        before, after = (
            DATA_SETS[part.name].label if name == "name" else spec.written(getattr(part, name))
            for part in (self._slice, new)
        )
        label = "Data set" if name == "name" else spec.label
        key = f"data.{name}" if spec.kind in MERGING else ""
        self.edited.emit(new, f"{label} {before} to {after}", key)


def data_choices() -> list[Choice]:
    """All data sets: made-up points first, then measured ones."""
    return [
        Choice(
            entry.name,
            entry.label,
            entry.kind,
            tooltip=entry.about,
            group="Made-up points" if entry.generated else "Measured",
        )
        for entry in sorted(DATA_SETS.values(), key=lambda entry: not entry.generated)
    ]
