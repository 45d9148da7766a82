"""Which samples are wrong, which classes are mistaken for which, and that in words."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from gradstudio.data.task import Data
from gradstudio.export.prediction import Floats
from gradstudio.export.score import NO_ANSWER, ClassScore, Indices, tested
from gradstudio.numbers import count, figures

Cell: TypeAlias = tuple[int, int]
"""True class and predicted class: row and column of a confusion matrix."""


def mistakes(score: ClassScore, cell: Cell | None = None) -> Indices:
    """Indices of the wrong samples, the most certain of their wrong class first.

    Samples without a finite answer are not among them: they have no predicted class.

    Parameters
    ----------
    cell
        Only samples of this true class that are given this other class.
    """
    labels, chosen = score.labels, score.chosen
    if cell is None:
        is_wrong = (chosen != labels) & (chosen != NO_ANSWER)
    else:
        is_wrong = (labels == cell[0]) & (chosen == cell[1]) & (chosen != labels)
    found = np.flatnonzero(is_wrong)
    certain = score.shares[found, chosen[found]]
    return np.asarray(found[np.argsort(-certain, kind="stable")])


def mistaken_cells(score: ClassScore) -> list[Cell]:
    """Pairs of classes that are mistaken, the most frequent first."""
    counts = score.confusion.copy()
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")
    width = score.classes
    return [(int(k) // width, int(k) % width) for k in order[: np.count_nonzero(counts)]]


def recall(score: ClassScore, index: int) -> tuple[int, int]:
    """How many samples of a class are right, of how many."""
    return int(score.confusion[index, index]), int(np.count_nonzero(score.labels == index))


def precision(score: ClassScore, index: int) -> tuple[int, int]:
    """How many answers of a class are right, of how many."""
    return int(score.confusion[index, index]), int(score.confusion[:, index].sum())


def share_words(part: int, whole: int) -> str:
    """Write a share with its counts: ``12 of 13 = 92 %``."""
    if not whole:
        return "none"
    return f"{count(part)} of {count(whole)} = {figures(100 * part / whole, 2)} %"


def mistake_words(data: Data, cell: Cell) -> str:
    """Say what is mistaken for what: ``5 taken for 3``."""
    true, given = (data.class_names[k] for k in cell)
    return f"{true} taken for {given}"


def commonest_mistake(score: ClassScore, data: Data) -> str:
    """Say which mistake is the most frequent, as a sentence; empty without a mistake."""
    cells = mistaken_cells(score)
    if not cells:
        return ""
    number = int(score.confusion[cells[0]])
    of_all = recall(score, cells[0][0])[1]
    words = mistake_words(data, cells[0])
    return f"Most often {words} ({count(number)} of {count(of_all)})."


def list_words(score: ClassScore, data: Data, cell: Cell | None, shown: int) -> tuple[str, ...]:
    """Say what a list of wrong samples holds and how many of them are drawn, in parts."""
    number = len(mistakes(score, cell))
    if cell is not None:
        first = f"{mistake_words(data, cell)}: {count(number)}"
    elif number:
        first = f"{count(number)} wrong"
    elif score.unanswered:
        first = "no answer is finite"
    else:
        first = "none is wrong"
    drawn = (f"{count(shown)} drawn, {count(number - shown)} more",) if shown < number else ()
    return (first, *drawn, "most certain first") if number > 1 else (first,)


def brightness(data: Data, samples: Indices) -> Floats:
    """Return the pixels of scored samples on a scale of 0 to 1, shape (samples, pixels)."""
    return np.clip(data.scaling.undo(tested(data)[0][samples]), 0.0, 1.0)


def probability(share: float) -> str:
    """Write a probability: 0.98, and never 1.00 or 0.00 where it is not."""
    if 0.995 <= share < 1.0:
        return ">0.99"
    if 0.0 < share < 0.005:
        return "<0.01"
    return f"{share:.2f}"
