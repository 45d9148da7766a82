"""Which layers get a label at the right edge of a plot, and where it goes without overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ALL_LAYERS_UP_TO = 16
EVERY_KTH_UP_TO = 100


def labelled_layers(layer_count: int, selected: int | None = None) -> tuple[int, ...]:
    """Return indices of the layers worth a label, most important first.

    Up to 16 layers all; up to 100 layers every k-th beside the first and the last; above that the
    first, the quartiles and the last. The selected layer always has one.
    """
    last = layer_count - 1
    if layer_count <= ALL_LAYERS_UP_TO:
        rest = list(range(layer_count))
    elif layer_count <= EVERY_KTH_UP_TO:
        stride = 2 if layer_count <= 24 else 5 if layer_count <= 60 else 10
        rest = [i for i in range(layer_count) if (i + 1) % stride == 0 and last - i >= stride / 2]
    else:
        rest = [round(last * share) for share in (0.25, 0.5, 0.75)]
    ends = [last, 0] if last else [0]
    chosen = ([selected] if selected is not None and 0 <= selected <= last else []) + ends + rest
    return tuple(dict.fromkeys(chosen))


def place_labels(
    wanted: Mapping[int, float],
    order: Sequence[int],
    gap: float,
    low: float,
    high: float,
    shift: float,
) -> dict[int, float]:
    """Heights of labels so that no two are nearer than `gap`.

    Parameters
    ----------
    wanted
        Height each label would like, by layer index, in pixels from the top.
    order
        Layer indices, most important first: a label without room is left out, never an earlier one.
    gap
        Smallest distance of two labels, in pixels.
    low, high
        Highest and lowest place a label may stand.
    shift
        How far a label may stand from its curve, in pixels.
    """
    placed: dict[int, float] = {}
    for index in order:
        if index not in wanted:
            continue
        want = min(max(wanted[index], low), high)
        spot = _nearest_free(want, sorted(placed.values()), gap, low, high)
        if spot is not None and abs(spot - want) <= shift:
            placed[index] = spot
    return _in_order(placed, wanted)


def _nearest_free(
    want: float, taken: Sequence[float], gap: float, low: float, high: float
) -> float | None:
    candidates = [want, *(t - gap for t in taken), *(t + gap for t in taken)]
    free = [
        c for c in candidates if low <= c <= high and all(abs(c - t) >= gap - 1e-9 for t in taken)
    ]
    return min(free, key=lambda c: abs(c - want)) if free else None


def _in_order(placed: dict[int, float], wanted: Mapping[int, float]) -> dict[int, float]:
    """Hand the heights out in the order of the curves, so that leaders never cross."""
    by_height = sorted(placed, key=lambda i: (wanted[i], -i))
    return dict(zip(by_height, sorted(placed.values()), strict=True))
