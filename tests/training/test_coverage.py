"""The rule of good variance speaks of plain layers and of no others."""

from __future__ import annotations

import pytest

from gradstudio.setup.models import LayerSetup, NetworkSetup
from gradstudio.training.audit import Finding
from gradstudio.training.coverage import Coverage, coverage, covered

NET = NetworkSetup(
    layers=(
        LayerSetup(),
        LayerSetup(),
        LayerSetup(residual="plain", span=2),
        LayerSetup(normalisation="batch", residual="plain"),
        LayerSetup(dropout=0.5),
    )
)
SMALL = Finding("Small", True, "RMS 0.1", "")
SAME = Finding("Not the same", True, "all", "")
BAD = Finding("Good variance", False, "×0.7 / layer", "The variance multiplies by 0.7.")
GOOD = Finding("Good variance", True, "×1 / layer", "The variance multiplies by 1.")
WHOLE, NORMALISED, BRANCH = Coverage.WHOLE, Coverage.NORMALISED, Coverage.BRANCH


def test_what_a_factor_says_depends_on_what_a_layer_has() -> None:
    kinds = [coverage(NET, layer) for layer in range(6)]
    assert kinds == [WHOLE, BRANCH, BRANCH, NORMALISED, WHOLE, WHOLE]


def test_plain_layers_are_judged_as_ever() -> None:
    assert covered((SMALL, SAME, BAD), (), [WHOLE, WHOLE]) == (SMALL, SAME, BAD)


@pytest.mark.parametrize(
    ("kinds", "figure", "words"),
    [
        ([NORMALISED, NORMALISED], "normalised", "divides the size of the weights out"),
        ([BRANCH], "shortcut", "by 0.7. That is the branch; the shortcut adds a path of factor 1"),
        ([NORMALISED, BRANCH], "shortcut", "adds a path"),
    ],
)
def test_without_a_plain_layer_the_variance_is_no_fault(
    kinds: list[Coverage], figure: str, words: str
) -> None:
    *rest, variance = covered((SMALL, SAME, BAD), (), kinds)
    assert rest == [SMALL, SAME]
    assert (variance.passes, variance.figure) == (True, figure)
    assert words in variance.sentence


def test_of_mixed_layers_the_plain_ones_are_judged() -> None:
    *_, variance = covered((SMALL, SAME, BAD), (SMALL, SAME, GOOD), [WHOLE, BRANCH, NORMALISED])
    assert (variance.passes, variance.figure) == (True, "×1 / layer")
    assert variance.sentence.endswith("2 layers with normalisation or a shortcut left out.")
