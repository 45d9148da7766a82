"""Reads hidden layers from a line of text, character by character."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from gradstudio.setup.models import (
    MAX_HIDDEN_LAYERS,
    MAX_UNITS,
    ActivationName,
    LayerSetup,
    NormalisationName,
    ResidualName,
)
from gradstudio.ui.field_spec import FieldError, field_spec
from gradstudio.ui.panels.layer_words import (
    DEFAULT_LEAK,
    NAMES,
    NORMALISATION_NAMES,
    NORMALISATION_WORDS,
    SHORTCUT_NAMES,
    SHORTCUT_WORDS,
    WRITTEN,
)

_NUMBER: Final = re.compile(r"\d+")
_DECIMAL: Final = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
_TIMES: Final = re.compile(r"\s*[x×*]\s*", re.IGNORECASE)
_SPACE: Final = re.compile(r"\s*")
_LETTERS: Final = re.compile(r"[a-z]+", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\s,()+]+")
_TWO_WORDS: Final = re.compile(r"[^\s,()+]+ +[^\s,()+]+")


class LayerTextError(ValueError):
    """A text that describes no layers.

    Parameters
    ----------
    position
        Index of the first character that is wrong, from 0.
    problem
        What is wrong there and what would be right.
    """

    def __init__(self, position: int, problem: str) -> None:
        self.position = position
        self.problem = problem
        super().__init__(f"Character {position + 1}: {problem}")


@dataclass(frozen=True)
class Draft:
    """One layer as it is written; what is None is not."""

    units: int
    activation: ActivationName | None = None
    leak: float = DEFAULT_LEAK
    normalisation: NormalisationName | None = None
    residual: ResidualName | None = None
    span: int = 1
    dropout: float | None = None


class LayerReader:
    """Reads one text.

    Parameters
    ----------
    text
        See ``layer_text`` for its grammar.
    """

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def read(self) -> list[Draft]:
        """Read all layers.

        Raises
        ------
        LayerTextError
            With the character where the text goes wrong.
        """
        made = self._layers()
        if self._at < len(self._text):
            raise LayerTextError(self._at, f"“{self._next()}” closes no bracket")
        return made

    # -- layers ----------------------------------------------------------------------------

    def _layers(self) -> list[Draft]:
        made: list[Draft] = []
        while True:
            item, count_at = self._item()
            made += item
            _check_count(len(made), count_at)
            if self._next() != ",":
                return made
            self._at += 1

    def _item(self) -> tuple[list[Draft], int]:
        """Read a layer or a group, as often as it is to come, and where that is said."""
        begin = self._skip()
        if self._next() == "(":
            self._at += 1
            group = self._layers()
            if self._next() != ")":
                raise LayerTextError(self._at, f"the bracket of character {begin + 1} stays open")
            self._at += 1
            times, count_at = self._times(begin)
            _check_count(times * len(group), count_at)
            return group * times, count_at
        if self._next() in ("", ",", ")"):
            # The comma, or the end, that comes where a layer should.
            raise LayerTextError(begin, "a layer is missing: write its units, such as 16")
        number = _NUMBER.match(self._text, begin)
        if number is None:
            raise LayerTextError(
                begin, f"“{self._next()}” starts no layer: write its units, such as 16"
            )
        units = _within(begin, number.group(), MAX_UNITS, "units")
        self._at = number.end()
        times, count_at = self._times(begin)
        return [self._additions(Draft(units))] * times, count_at

    def _times(self, begin: int) -> tuple[int, int]:
        """Read how often something comes, and where that is said; once if it is not."""
        sign = _TIMES.match(self._text, self._at)
        if sign is None:
            return 1, begin
        factor = _NUMBER.match(self._text, sign.end())
        if factor is None:
            raise LayerTextError(
                sign.end(), f"after “{sign.group().strip()}” comes a number of layers"
            )
        self._at = factor.end()
        return _within(sign.end(), factor.group(), MAX_HIDDEN_LAYERS, "layers"), sign.end()

    # -- what follows the units ------------------------------------------------------------

    def _additions(self, draft: Draft) -> Draft:
        while self._next() not in ("", ",", ")"):
            draft = self._shortcut(draft) if self._next() == "+" else self._named(draft)
        return draft

    def _named(self, draft: Draft) -> Draft:
        """Read an activation, a normalisation or a dropout."""
        at = self._at
        for pattern in (_TWO_WORDS, _WORD):
            match = pattern.match(self._text, at)
            words = " ".join(match.group().lower().split()) if match else ""
            if match and (words in NAMES or words in NORMALISATION_NAMES or words == "dropout"):
                self._at = match.end()
                break
        else:
            raise self._unknown(at)
        if words in NORMALISATION_NAMES:
            _check_first(draft.normalisation, at, "normalisation")
            return replace(draft, normalisation=NORMALISATION_NAMES[words])
        if words == "dropout":
            _check_first(draft.dropout, at, "dropout")
            share = self._number("dropout", "after “dropout” comes the share of units")
            return replace(draft, dropout=share)
        _check_first(draft.activation, at, "activation")
        return replace(draft, activation=NAMES[words], leak=self._leak(NAMES[words]))

    def _unknown(self, at: int) -> LayerTextError:
        match = _WORD.match(self._text, at)
        word = match.group() if match else self._text[at]
        beside = (*NORMALISATION_WORDS.values(), "dropout")
        near = get_close_matches(word.lower(), (*NAMES, *NORMALISATION_NAMES, "dropout"), n=1)
        known = f"known are {', '.join((*WRITTEN.values(), *beside))} and +skip"
        hint = f"did you mean {near[0]}?" if near else known
        return LayerTextError(at, f"“{word}” is no activation; {hint}")

    def _leak(self, activation: ActivationName) -> float:
        """Read the slope behind a leaky ReLU."""
        if self._next() != "(":
            return DEFAULT_LEAK
        if activation != "leaky_relu":
            raise LayerTextError(self._at, "only leaky ReLU has a number of its own")
        self._at += 1
        leak = self._number("leak", "after “(” comes the slope below 0")
        if self._next() != ")":
            raise LayerTextError(self._at, "“)” is missing behind the slope")
        self._at += 1
        return leak

    def _number(self, field: str, wanted: str) -> float:
        """Read the number of a field of the layer."""
        at = self._skip()
        number = _DECIMAL.match(self._text, at)
        if number is None:
            raise LayerTextError(at, f"{wanted}, such as 0.2")
        try:
            value = float(field_spec(LayerSetup, field).read(number.group()))
        except FieldError as error:
            raise LayerTextError(at, f"{field} {error}") from None
        self._at = number.end()
        return value

    def _shortcut(self, draft: Draft) -> Draft:
        _check_first(draft.residual, self._at, "shortcut")
        self._at += 1
        at = self._skip()
        word = _LETTERS.match(self._text, at)
        name = word.group().lower() if word else ""
        if name not in SHORTCUT_NAMES:
            known = ", ".join(SHORTCUT_WORDS.values())
            raise LayerTextError(at, f"after “+” comes a shortcut: {known}")
        self._at = at + len(name)
        span_at = self._skip()
        number, span = _NUMBER.match(self._text, span_at), 1
        if number is not None:
            self._at = number.end()
            span = _within(span_at, number.group(), MAX_HIDDEN_LAYERS, "layers")
        return replace(draft, residual=SHORTCUT_NAMES[name], span=span)

    # -- characters ------------------------------------------------------------------------

    def _skip(self) -> int:
        """Go to the next character that is no space."""
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        return self._at

    def _next(self) -> str:
        """Return the next character that is no space; empty at the end."""
        return self._text[self._skip() : self._at + 1]


def _within(position: int, digits: str, high: int, what: str) -> int:
    value = int(digits) if len(digits) < 10 else high + 1
    if value < 1:
        raise LayerTextError(position, f"{digits} {what} are too few, at least 1")
    if value > high:
        raise LayerTextError(position, f"{digits} {what} are too many, at most {high:,}")
    return value


def _check_first(found: object, position: int, what: str) -> None:
    if found is not None:
        raise LayerTextError(position, f"the {what} of the layer is named already")


def _check_count(layers: int, position: int) -> None:
    if layers > MAX_HIDDEN_LAYERS:
        raise LayerTextError(
            position, f"{layers:,} hidden layers are too many, at most {MAX_HIDDEN_LAYERS}"
        )
