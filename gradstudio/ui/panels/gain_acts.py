"""Giving layers a gain, whatever their initializers call it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.numbers import figures
from gradstudio.setup.models import InitializerSetup, Setup
from gradstudio.training.build import layer_sizes
from gradstudio.training.gain import gain_changes, unfit_reason, way_of
from gradstudio.training.start import Part, activation_of, parts_of
from gradstudio.ui.field_spec import field_spec, replaced
from gradstudio.ui.panels import network_acts as acts
from gradstudio.ui.panels.start_forms import written


@dataclass(frozen=True)
class _Change:
    """What a layer is changed to, and what that is called before and after."""

    start: InitializerSetup
    field: str
    before: str
    after: str


def use_gain(setup: Setup, shown: int, targets: Sequence[int], gain: float) -> acts.Act:
    """Give layers a gain: those selected with the activation of the layer shown.

    Layers that theory does not cover, or whose initializer takes no gain, stay as they are.

    Parameters
    ----------
    shown
        Index of the layer whose gain it is, the output layer being the last.
    targets
        Indices of the selected layers.
    gain
        sigma of the weights times the root of the fan that an initializer counts by.

    Raises
    ------
    FieldError
        If the number is out of the range of an initializer.
    """
    parts, sizes = parts_of(setup.network), layer_sizes(setup)
    phi = activation_of(parts[shown])
    changes: dict[int, _Change] = {}
    for index in sorted({shown, *targets}):
        part, fans = parts[index], (sizes[index], sizes[index + 1])
        fits = index == shown or not unfit_reason(setup.network, index, *fans)
        if activation_of(part) == phi and fits and way_of(part):
            changes[index] = _change(part, *fans, gain)
    if not changes:
        return acts.Act(setup.network, "", ())
    after = [
        part.model_copy(update={"initializer": changes[i].start}) if i in changes else part
        for i, part in enumerate(parts)
    ]
    network = replaced(setup.network, layers=tuple(after[:-1]), output=after[-1])
    names = acts.capital(acts.layer_names(changes, len(setup.network.layers)))
    fields, old, new = (
        list(dict.fromkeys(getattr(change, name) for change in changes.values()))
        for name in ("field", "before", "after")
    )
    field = fields[0] if len(fields) == 1 else "gain"
    return acts.Act(network, f"{names} {field} {_few(old)} to {_few(new)}", tuple(changes))


def change_words(part: Part, fan_in: int, fan_out: int, gain: float) -> str:
    """Say what a layer would be changed to: ``"gain 1.18"``, ``"σ 0.34"``; empty for nothing."""
    if not gain_changes(part, fan_in, fan_out, gain):
        return ""
    change = _change(part, fan_in, fan_out, gain)
    label = INITIALIZERS[part.initializer.name].label
    return f"{change.field} {change.before} to {change.after} of {label}"


def _change(part: Part, fan_in: int, fan_out: int, gain: float) -> _Change:
    changes = gain_changes(part, fan_in, fan_out, gain)
    before = part.initializer
    start = replaced(before, **changes)
    way = way_of(part)
    if way == "range":
        was = f"{figures(before.low)} … {figures(before.high)}"
        return _Change(start, "range", was, f"±{figures(start.high)}")
    spec = field_spec(InitializerSetup, way)
    old, new = getattr(before, way), getattr(start, way)
    field = spec.label if way == "std" else spec.label.lower()
    return _Change(start, field, _short(old, written(spec, old)), _short(new, written(spec, new)))


def _short(value: object, text: str) -> str:
    """Three figures of a number, as many as are worth reading; other values as they are."""
    return f"{value:.3g}" if isinstance(value, float) else text


def _few(texts: Sequence[str]) -> str:
    return ", ".join(texts) if len(texts) <= 3 else "mixed"
