"""Direct labels: who gets one, and where."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradstudio.export.labels import labelled_layers, place_labels


@pytest.mark.parametrize(
    ("layers", "at_most"), [(1, 1), (12, 12), (16, 16), (50, 12), (100, 12), (101, 5)]
)
def test_few_enough_layers_are_labelled(layers: int, at_most: int) -> None:
    chosen = labelled_layers(layers)
    assert len(chosen) == len(set(chosen)) <= at_most
    assert {0, layers - 1} <= set(chosen)
    assert all(0 <= i < layers for i in chosen)


def test_the_chosen_layer_comes_first() -> None:
    assert labelled_layers(50, selected=17)[0] == 17
    assert labelled_layers(50, selected=99)[0] == 49


@given(st.lists(st.floats(0, 300), min_size=1, max_size=40), st.floats(5, 20))
def test_labels_never_overlap_and_keep_the_order_of_their_curves(
    heights: list[float], gap: float
) -> None:
    wanted = dict(enumerate(heights))
    placed = place_labels(wanted, list(wanted), gap, 0.0, 300.0, shift=30.0)
    assert 0 in placed
    ordered = sorted(placed.items(), key=lambda item: item[1])
    assert all(b - a >= gap - 1e-6 for (_, a), (_, b) in pairwise(ordered))
    assert all(wanted[i] <= wanted[j] for (i, _), (j, _) in pairwise(ordered))
    assert all(-1e-9 <= y <= 300 + 1e-9 for y in placed.values())


def test_labels_with_room_stand_at_their_curves() -> None:
    wanted = {0: 10.0, 1: 50.0, 2: 90.0}
    assert place_labels(wanted, [2, 1, 0], 12.0, 0.0, 100.0, 16.0) == wanted


def test_an_important_label_keeps_its_place() -> None:
    placed = place_labels({0: 50.0, 1: 52.0}, [1, 0], 12.0, 0.0, 100.0, 16.0)
    assert placed == {1: 52.0, 0: 40.0}


def test_a_label_that_would_stand_too_far_off_is_left_out() -> None:
    wanted = {i: 50.0 for i in range(9)}
    placed = place_labels(wanted, list(wanted), 12.0, 0.0, 100.0, shift=16.0)
    assert len(placed) == 3
