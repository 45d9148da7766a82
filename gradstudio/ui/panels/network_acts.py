"""What can be done to the layers of a network, each act with the words for the undo menu.

Layers are named by their index: 0 is layer 1, and the number of hidden layers is the output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.setup.models import (
    MAX_HIDDEN_LAYERS,
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    OutputSetup,
)
from gradstudio.ui.field_spec import replaced
from gradstudio.ui.panels.layer_text import format_layers, parse_layers

AnyLayer = LayerSetup | OutputSetup


class ActError(ValueError):
    """An act that cannot be done; its text is a sentence for a person."""


@dataclass(frozen=True)
class Act:
    """A new network, what was done, and the layers to select then.

    ``note`` says what of it could not be done; empty where all could.
    """

    network: NetworkSetup
    text: str
    selection: tuple[int, ...]
    note: str = ""


def layer_names(indices: Iterable[int], hidden: int) -> str:
    """``"layer 3"``, ``"layers 1–12 and out"``, ``"layers 2, 4"``."""
    rows = sorted(set(indices))
    inner = [index + 1 for index in rows if index < hidden]
    parts = [f"{a}" if a == b else f"{a}–{b}" for a, b in _runs(inner)]
    if hidden in rows:
        parts.append("out")
    word = "layer" if len(rows) == 1 else "layers"
    joined = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return f"{word} {joined}"


def set_units(network: NetworkSetup, indices: Sequence[int], units: int) -> Act:
    """Give layers another size; the output keeps the one its data ask for."""
    inner = hidden_layers(network, indices)
    return _change(
        network,
        inner,
        "units",
        lambda layer: replaced(layer, units=units),
        lambda layer: f"{layer.units}" if isinstance(layer, LayerSetup) else "",
    )


def set_activation(network: NetworkSetup, indices: Sequence[int], name: str) -> Act:
    """Give layers another activation; that of the output follows the loss."""
    inner = hidden_layers(network, indices)
    return _change(
        network,
        inner,
        "φ",
        lambda layer: replaced(layer, activation=name),
        lambda layer: ACTIVATIONS[layer.activation].label if isinstance(layer, LayerSetup) else "",
    )


def set_initializer(network: NetworkSetup, indices: Sequence[int], name: str) -> Act:
    """Give layers another initializer; its parameters stay as they were."""
    return change_initializer(
        network,
        indices,
        "initializer",
        lambda initializer: replaced(initializer, name=name),
        lambda initializer: INITIALIZERS[initializer.name].label,
    )


def change_initializer(
    network: NetworkSetup,
    indices: Sequence[int],
    field: str,
    change: Callable[[InitializerSetup], InitializerSetup],
    written: Callable[[InitializerSetup], str],
) -> Act:
    """Change one field of the initializer of layers."""
    return _change(
        network,
        indices,
        field,
        lambda layer: layer.model_copy(update={"initializer": change(layer.initializer)}),
        lambda layer: written(layer.initializer),
    )


def change_layers(
    network: NetworkSetup,
    indices: Sequence[int],
    field: str,
    change: Callable[[AnyLayer], AnyLayer],
    written: Callable[[AnyLayer], str],
) -> Act:
    """Change one field of layers, the output among them."""
    return _change(network, indices, field, change, written)


def add(network: NetworkSetup, after: int) -> Act:
    """Put a layer like the one at `after` behind it; at the end for the output or none (-1)."""
    _room_for(network, 1)
    last = len(network.layers)
    at = min(after + 1, last) if after >= 0 else last
    layer = network.layers[at - 1]
    layers = (*network.layers[:at], layer, *network.layers[at:])
    return Act(_with(network, layers), f"Add layer {at + 1} ({format_layers([layer])})", (at,))


def duplicate(network: NetworkSetup, indices: Sequence[int]) -> Act:
    """Copy layers behind the last of them."""
    return _copied(network, indices, 2, "Duplicate")


def repeat(network: NetworkSetup, indices: Sequence[int], times: int) -> Act:
    """Let layers come `times` times, one block after the other."""
    return _copied(network, indices, times, "Repeat")


def delete(network: NetworkSetup, indices: Sequence[int]) -> Act:
    """Take layers out; at least one stays."""
    inner = hidden_layers(network, indices)
    rest = tuple(layer for i, layer in enumerate(network.layers) if i not in inner)
    if not rest:
        raise ActError("A network keeps at least 1 hidden layer")
    names = layer_names(inner, len(network.layers))
    gone = format_layers([network.layers[i] for i in inner])
    return Act(_with(network, rest), f"Delete {names} ({gone})", (min(inner[0], len(rest) - 1),))


def move(network: NetworkSetup, indices: Sequence[int], gap: int) -> Act:
    """Bring layers together in front of layer `gap`, behind all for the number of layers."""
    inner = hidden_layers(network, indices)
    gap = min(max(gap, 0), len(network.layers))
    start = gap - sum(index < gap for index in inner)
    rest = [index for index in range(len(network.layers)) if index not in inner]
    order = (*rest[:start], *inner, *rest[start:])
    selection = tuple(range(start, start + len(inner)))
    hidden = len(network.layers)
    target = layer_names(selection, hidden).split(" ", 1)[1]
    text = f"Move {layer_names(inner, hidden)} to {target}"
    return Act(_with(network, [network.layers[i] for i in order]), text, selection)


def move_by(network: NetworkSetup, indices: Sequence[int], way: int) -> Act:
    """Move layers one place towards the input (`way` -1) or the output (+1)."""
    inner = hidden_layers(network, indices)
    gap = inner[0] - 1 if way < 0 else inner[-1] + 2
    if not 0 <= gap <= len(network.layers):
        raise ActError(f"{capital(layer_names(inner, len(network.layers)))} cannot move further")
    return move(network, inner, gap)


def retype(network: NetworkSetup, text: str) -> Act:
    """Read all hidden layers from a text.

    Raises
    ------
    LayerTextError
        Where the text goes wrong.
    """
    layers = parse_layers(text, network.layers)
    words = f"Layers {format_layers(network.layers)} to {format_layers(layers)}"
    return Act(_with(network, layers), words, ())


def _change(
    network: NetworkSetup,
    indices: Sequence[int],
    field: str,
    change: Callable[[AnyLayer], AnyLayer],
    written: Callable[[AnyLayer], str],
) -> Act:
    before: list[AnyLayer] = [*network.layers, network.output]
    after = [change(layer) if i in indices else layer for i, layer in enumerate(before)]
    old = dict.fromkeys(written(before[i]) for i in indices)
    new = dict.fromkeys(written(after[i]) for i in indices)
    names = capital(layer_names(indices, len(network.layers)))
    was = ", ".join(old) if len(old) <= 3 else "mixed"
    network = replaced(network, layers=tuple(after[:-1]), output=after[-1])
    return Act(network, f"{names} {field} {was} to {', '.join(new)}", tuple(indices))


def _copied(network: NetworkSetup, indices: Sequence[int], times: int, word: str) -> Act:
    inner = hidden_layers(network, indices)
    more = [network.layers[i] for i in inner] * (times - 1)
    _room_for(network, len(more))
    at = inner[-1] + 1
    layers = (*network.layers[:at], *more, *network.layers[at:])
    names = layer_names(inner, len(network.layers))
    text = f"{word} {names} × {times}" if word == "Repeat" else f"{word} {names}"
    counts = f"{len(network.layers)} to {len(layers)} layers"
    return Act(_with(network, layers), f"{text}: {counts}", tuple(range(at, at + len(more))))


def hidden_layers(network: NetworkSetup, indices: Sequence[int]) -> list[int]:
    """Return the hidden layers among some, in order.

    Raises
    ------
    ActError
        If there is none.
    """
    inner = sorted({index for index in indices if 0 <= index < len(network.layers)})
    if not inner:
        raise ActError("The output layer follows the data and the loss; select a hidden layer")
    return inner


def _room_for(network: NetworkSetup, more: int) -> None:
    total = len(network.layers) + more
    if total > MAX_HIDDEN_LAYERS:
        raise ActError(f"{total} hidden layers are too many, at most {MAX_HIDDEN_LAYERS}")


def _with(network: NetworkSetup, layers: Sequence[LayerSetup]) -> NetworkSetup:
    return replaced(network, layers=tuple(layers))


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def capital(text: str) -> str:
    """Begin a sentence."""
    return text[:1].upper() + text[1:]
