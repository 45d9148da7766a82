"""What can be done to normalisation, shortcuts, dropout and leak of layers, as undoable acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gradstudio.nn.structure import NORMALISATIONS, RESIDUALS
from gradstudio.setup.models import LayerSetup, NetworkSetup
from gradstudio.ui.field_spec import FieldSpec, field_spec, replaced
from gradstudio.ui.panels.network_acts import (
    Act,
    ActError,
    AnyLayer,
    capital,
    change_layers,
    hidden_layers,
    layer_names,
)

FIELDS: Final = ("normalisation", "residual", "span", "dropout", "leak")
"""Fields of a layer that say what it has beside its weights, in the order of the form."""


def set_field(network: NetworkSetup, indices: Sequence[int], name: str, value: object) -> Act:
    """Change normalisation, dropout or leak of layers.

    Raises
    ------
    ActError
        If there is no hidden layer among them.
    """
    inner = hidden_layers(network, indices)
    spec = field_spec(LayerSetup, name)

    def change(layer: AnyLayer) -> AnyLayer:
        return replaced(layer, **{name: value}) if isinstance(layer, LayerSetup) else layer

    def written(layer: AnyLayer) -> str:
        return _written(spec, layer) if isinstance(layer, LayerSetup) else ""

    words = "normalisation" if name == "normalisation" else spec.label.lower()
    return change_layers(network, inner, words, change, written)


def set_shortcut(
    network: NetworkSetup, indices: Sequence[int], kind: str, span: int, inputs: int
) -> Act:
    """Lay shortcuts over layers, one behind the other, or take those that end there away.

    Neighbouring layers are divided into branches of ``span`` layers, from the input on; what is
    left over at the end, and a selection shorter than a branch, ends a branch that begins before
    it. Shortcuts whose ends differ in width are left out.

    Parameters
    ----------
    network, indices
        The network, and the layers chosen.
    kind
        ``"none"`` or a kind of shortcut.
    span
        Layers of a branch.
    inputs
        Values per sample.

    Raises
    ------
    ActError
        If there is no hidden layer among them, or none of the shortcuts fits.
    """
    inner = hidden_layers(network, indices)
    ends = [] if kind == "none" else branch_ends(inner, span)
    units = [inputs, *(layer.units for layer in network.layers)]
    problems = {end: problem for end in ends if (problem := _misfit(units, end, span))}
    made = [end for end in ends if end not in problems]
    if ends and not made:
        raise ActError(_told(problems))
    layers = [
        _with_shortcut(layer, kind if index in made else "none", span) if index in inner else layer
        for index, layer in enumerate(network.layers)
    ]
    names = capital(layer_names(inner, len(network.layers)))
    old = dict.fromkeys(_shortcut(network.layers[i]) for i in inner)
    was = ", ".join(old) if len(old) <= 3 else "mixed"
    new = _shortcut(layers[made[0]]) if made else RESIDUALS["none"]
    return Act(
        replaced(network, layers=tuple(layers)),
        f"{names} shortcut {was} to {new}",
        tuple(indices),
        _told(problems) if problems else "",
    )


def branch_ends(layers: Sequence[int], span: int) -> list[int]:
    """Return the last layers of branches of ``span`` layers over sorted layers."""
    ends: list[int] = []
    begin = 0
    for at, layer in enumerate(layers):
        if at + 1 < len(layers) and layers[at + 1] == layer + 1:
            continue
        run = layers[begin : at + 1]
        ends += run[span - 1 :: span] or [run[-1]]
        begin = at + 1
    return ends


def beside(layer: LayerSetup) -> tuple[object, ...]:
    """Return what a layer has beside its weights, without what it does not use."""
    span = layer.span if layer.residual != "none" else 1
    leak = layer.leak if layer.activation == "leaky_relu" else None
    return layer.normalisation, layer.residual, span, layer.dropout, leak


def shortcut_shown(layers: Sequence[LayerSetup]) -> LayerSetup:
    """Return the layer whose shortcut stands for those of some layers: the first with one."""
    return next((layer for layer in layers if layer.residual != "none"), layers[0])


def _with_shortcut(layer: LayerSetup, kind: str, span: int) -> LayerSetup:
    return replaced(layer, residual=kind, span=layer.span if kind == "none" else span)


def _misfit(units: Sequence[int], end: int, span: int) -> str:
    """Why a shortcut that ends at a layer, 0-based, cannot be made; empty where it can."""
    begin = end + 1 - span
    if begin < 0:
        return f"a shortcut over {span} layers begins before the input"
    if units[begin] != units[end + 1]:
        where = f"layer {begin}" if begin else "the input"
        return f"{units[begin]} units of {where} cannot be added to {units[end + 1]}"
    return ""


def _told(problems: dict[int, str]) -> str:
    """Say which layers get no shortcut, and why the first of them does not."""
    first, *others = problems
    more = f" (and {len(others)} more)" if others else ""
    return f"Layer {first + 1}{more} gets no shortcut: {problems[first]}"


def _shortcut(layer: LayerSetup) -> str:
    text = RESIDUALS[layer.residual]
    return f"{text}, over {layer.span}" if layer.residual != "none" and layer.span > 1 else text


def _written(spec: FieldSpec, layer: LayerSetup) -> str:
    value = getattr(layer, spec.name)
    return NORMALISATIONS[value] if spec.name == "normalisation" else spec.written(value)
