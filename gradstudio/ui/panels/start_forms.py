"""The fields of the initializer panel: the numbers of the weights, and bias and seed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, get_args

from gradstudio.nn.biases import BIAS_DEFAULTS, BIAS_INITIALIZERS
from gradstudio.nn.distributions import SpreadName
from gradstudio.nn.initializer import PARAMETERS, Mode
from gradstudio.setup.models import BiasSetup, InitializerSetup, NetworkSetup
from gradstudio.training.start import Part, activation_of
from gradstudio.ui.choices import Choice, ChoiceField
from gradstudio.ui.field_spec import FieldSpec, field_spec
from gradstudio.ui.fields import NumberField, describe
from gradstudio.ui.forms import AnyEditor, Form
from gradstudio.ui.gain_field import GainField
from gradstudio.ui.log_field import LogNumberField
from gradstudio.ui.widgets import IconButton

MODES: Final[dict[Mode, str]] = {
    "fan_in": "in",
    "fan_out": "out",
    "fan_avg": "mean",
    "fan_geo_avg": "geo. mean",
}
SHAPES: Final[dict[SpreadName, str]] = {
    "normal": "normal",
    "truncated_normal": "normal, cut at 2σ",
    "uniform": "uniform",
}
_TEXTS: Final[dict[str, dict[str, str]]] = {
    "mode": {name: MODES[name] for name in get_args(Mode)},
    "distribution": {name: SHAPES[name] for name in get_args(SpreadName)},
}
_WIDE: Final = ("gain", "distribution", "std")


class ParameterForm(Form):
    """One field for every parameter that an initializer can take; those it takes show."""

    def __init__(self) -> None:
        super().__init__()
        for name in PARAMETERS:
            spec = field_spec(InitializerSetup, name)
            self.add(spec, _editor(spec), wide=name in _WIDE)

    def show_part(self, part: Part) -> None:
        """Show the parameters of the initializer of a layer."""
        phi = activation_of(part)
        gain = self.editor("gain")
        if isinstance(gain, GainField):
            gain.set_auto(phi.gain, phi.label)
        self.show_values(part.initializer)
        self.set_shown(*part.initializer.parameters)
        self.setVisible(bool(part.initializer.parameters))


class StartForm(Form):
    """Bias initializer with its numbers, and the seed."""

    def __init__(self) -> None:
        super().__init__()
        self.bias = ChoiceField("Bias initializer")
        describe(self.bias, field_spec(BiasSetup, "name"), "Bias initializer")
        self.bias.set_choices(Choice(name, item.label) for name, item in BIAS_INITIALIZERS.items())
        self.add(_renamed(field_spec(BiasSetup, "name"), "bias"), self.bias)
        seed = field_spec(NetworkSetup, "seed")
        self.seed = NumberField(seed)
        self.dice = IconButton("ph.dice-five", "Reroll: a new random start, same design")
        self.add(seed, self.seed, trailing=self.dice)
        for name in BIAS_DEFAULTS:
            spec = _renamed(field_spec(BiasSetup, name), f"bias_{name}")
            self.add(spec, NumberField(spec), f"Bias {spec.label.lower()}")

    def show_start(self, bias: BiasSetup, seed: int) -> None:
        """Show the start of the biases of a layer and the seed of the network."""
        self.bias.set_value(bias.name)
        self.seed.set_value(seed)
        for name in BIAS_DEFAULTS:
            self.editor(f"bias_{name}").set_value(getattr(bias, name))
        self.set_shown("bias", "seed", *(f"bias_{name}" for name in bias.parameters))


def written(spec: FieldSpec, value: object) -> str:
    """A value of a parameter in the words of its field."""
    if spec.name == "gain" and value is None:
        return "1"
    if isinstance(value, str):
        return _TEXTS.get(spec.name, {}).get(value, value)
    return spec.written(value) if isinstance(value, int | float) or value is None else f"{value}"


def _editor(spec: FieldSpec) -> AnyEditor:
    if spec.name == "gain":
        return GainField(spec)
    if spec.choices:
        field = ChoiceField(spec.label)
        describe(field, spec)
        field.set_choices(Choice(name, _TEXTS[spec.name][name]) for name in spec.choices)
        return field
    return LogNumberField(spec, 64) if spec.name == "std" else NumberField(spec)


def _renamed(spec: FieldSpec, name: str) -> FieldSpec:
    return replace(spec, name=name)
