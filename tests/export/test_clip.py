from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from gradstudio.export.clip import Box, clip_polyline

BOX = Box(0.0, 0.0, 100.0, 50.0)
coordinate = st.one_of(st.floats(-300, 300), st.just(float("nan")), st.floats(-1e9, 1e9))


def cut(*points: tuple[float, float]) -> list[list[list[float]]]:
    x, y = np.array(points, dtype=float).T
    return [piece.tolist() for piece in clip_polyline(x, y, BOX)]


@given(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=12))
def test_no_piece_leaves_the_box(points: list[tuple[float, float]]) -> None:
    for piece in cut(*points):
        x, y = np.array(piece).T
        assert ((x >= -1e-6) & (x <= 100 + 1e-6) & (y >= -1e-6) & (y <= 50 + 1e-6)).all()


def test_a_line_inside_is_left_as_it_is() -> None:
    assert cut((1, 1), (50, 49), (99, 1)) == [[[1, 1], [50, 49], [99, 1]]]


def test_a_line_is_cut_where_it_crosses_the_edge() -> None:
    assert_allclose(cut((50, 25), (50, 75)), [[[50, 25], [50, 50]]])
    assert_allclose(cut((-100, 25), (100, 25)), [[[0, 25], [100, 25]]])


def test_a_line_through_the_box_comes_back_in_two_pieces_when_it_leaves_between() -> None:
    pieces = cut((10, 25), (20, 75), (30, 25))
    assert_allclose(pieces, [[[10, 25], [15, 50]], [[25, 50], [30, 25]]])


def test_a_gap_breaks_the_line() -> None:
    pieces = cut((1, 1), (2, 2), (np.nan, 3), (4, 4), (5, 5))
    assert pieces == [[[1, 1], [2, 2]], [[4, 4], [5, 5]]]


def test_a_point_between_two_gaps_is_kept_in_its_place() -> None:
    pieces = cut((1, 1), (2, 2), (np.nan, 3), (4, 4), (np.nan, 5), (6, 6), (7, 7))
    assert pieces == [[[1, 1], [2, 2]], [[4, 4]], [[6, 6], [7, 7]]]


def test_a_point_alone_outside_is_not_drawn() -> None:
    assert cut((500, 1)) == []
    assert cut((50, 1)) == [[[50, 1]]]


def test_a_line_past_a_corner_is_not_drawn() -> None:
    assert cut((-30, 40), (30, 80)) == []
