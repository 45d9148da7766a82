"""What is wrong with a setup, as one sentence that says what would be right."""

from __future__ import annotations

import json
import math
import re
from difflib import get_close_matches
from typing import Final, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gradstudio.errors import SetupError
from gradstudio.setup.models import Model, Setup

LONGEST_VALUE: Final = 40

_NEEDS: Final = {
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text in quotes",
    "model_type": "an object in braces { }",
    "tuple_type": "a list in brackets [ ]",
}


def refusal(error: ValidationError) -> SetupError:
    """Say the first thing that is wrong, where it stands, and how many more there are."""
    places: dict[tuple[int | str, ...], list[ErrorDetails]] = {}
    for detail in error.errors():
        if not _is_echo(detail):
            places.setdefault(_place(detail), []).append(detail)
    (place, details), more = next(iter(places.items())), len(places) - 1
    suffix = f" (and {more} more)" if more else ""
    if details[0]["type"] == "extra_forbidden":
        place = place[:-1]
    return SetupError(_sentence_of(details) + suffix, _path(place))


def shown(value: object) -> str:
    """Write a value from a file as it stands there, shortened to one short line."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…")
    text = json.dumps(value)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


def nearest(name: object, names: tuple[str, ...]) -> str:
    """Suggest the name that was probably meant, or nothing."""
    close = get_close_matches(str(name)[:LONGEST_VALUE].lower(), names, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def _place(detail: ErrorDetails) -> tuple[int | str, ...]:
    """Find the field, without the kinds of value that pydantic names behind it."""
    place = detail["loc"]
    for length, part in enumerate(place, 1):
        if isinstance(part, str) and not _leads_to_model(place[:length]):
            return place[:length]
    return place


def _sentence_of(details: list[ErrorDetails]) -> str:
    """Say what is wrong with one field, which may be refused by each kind of value it can have."""
    words = [detail for detail in details if detail["type"] == "literal_error"]
    numbers = [detail for detail in details if detail["type"] != "literal_error"]
    if not words or not numbers:
        return _sentence(details[0])
    value, first = details[0]["input"], numbers[0]
    if first["type"] not in _NEEDS:
        return _sentence(first)
    names = tuple(name for detail in words for name in _names(detail["ctx"]["expected"]))
    listed = " or ".join([_NEEDS[first["type"]], *(f"'{name}'" for name in names)])
    return f"needs {listed}, got {shown(value)}{nearest(value, names)}"


def _names(expected: str) -> tuple[str, ...]:
    """``"'a', 'b' or 'c'"`` as names."""
    return tuple(re.findall(r"'([^']*)'", expected))


def _sentence(detail: ErrorDetails) -> str:
    kind, value, limits = detail["type"], detail["input"], detail.get("ctx", {})
    if kind in ("greater_than_equal", "greater_than"):
        bound = limits.get("ge", limits.get("gt"))
        relation = "below" if kind == "greater_than_equal" else "not above"
        return f"{shown(value)} is {relation} {bound:.10g}"
    if kind == "less_than_equal":
        return f"{shown(value)} is above {limits['le']:.10g}"
    if kind == "literal_error":
        names = _field_names_or_choices(detail)
        return f"{shown(value)} is not one of {', '.join(names)}{nearest(value, names)}"
    if kind == "extra_forbidden":
        names = tuple(_model_at(detail["loc"][:-1]).model_fields)
        unknown = detail["loc"][-1]
        return f"unknown field {shown(unknown)}{nearest(unknown, names)}"
    if kind == "missing":
        return "is missing"
    if kind == "finite_number" or (isinstance(value, float) and not math.isfinite(value)):
        return f"needs a finite number, got {shown(value)}"
    if kind in _NEEDS:
        return f"needs {_NEEDS[kind]}, got {shown(value)}"
    if kind in ("too_short", "too_long", "string_too_short", "string_too_long"):
        return _length_sentence(detail)
    if kind == "value_error":
        return str(limits["error"])
    return detail["msg"][0].lower() + detail["msg"][1:]


def _length_sentence(detail: ErrorDetails) -> str:
    limits = detail["ctx"]
    length = len(detail["input"])
    unit = "characters" if detail["type"].startswith("string") else "entries"
    if "min_length" in limits:
        return f"{length} {unit} are fewer than {limits['min_length']}"
    return f"{length} {unit} are more than {limits['max_length']:,}"


def _is_echo(detail: ErrorDetails) -> bool:
    """Whether a list counts as too short only because its entries were refused."""
    if detail["type"] != "too_short":
        return False
    return len(detail["input"]) >= int(detail["ctx"]["min_length"])


def _path(place: tuple[int | str, ...]) -> str:
    path = ""
    for part in place:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def _leads_to_model(place: tuple[int | str, ...]) -> bool:
    """Whether what stands at ``place`` has fields of its own."""
    *parents, field = place
    info = _model_at(tuple(parents)).model_fields.get(str(field))
    return info is not None and _model_in(info.annotation) is not None


def _model_at(place: tuple[int | str, ...]) -> type[Model]:
    """Find the model whose fields stand at ``place``."""
    model: type[Model] = Setup
    for part in place:
        if isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: object) -> type[Model] | None:
    """Find the model that a field holds: one, one or none, or a list of them."""
    candidates = (annotation, *get_args(annotation))
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, Model)), None)


def _field_names_or_choices(detail: ErrorDetails) -> tuple[str, ...]:
    *place, field = detail["loc"]
    annotation = _model_at(tuple(place)).model_fields[str(field)].annotation
    return tuple(str(choice) for choice in get_args(annotation))
