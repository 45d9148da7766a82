"""A setup as text for people: two spaces per level, a layer per line."""

from __future__ import annotations

import json

from gradstudio.setup.models import (
    BiasSetup,
    InitializerSetup,
    LayerSetup,
    Model,
    ScheduleSetup,
    TrainingSetup,
)

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def plain(value: object) -> Json:
    """Turn a setup, or a part of one, into what JSON can hold.

    A parameter that the chosen initializer or optimizer does not use is left out while it has its
    default, and so are clipping, weight decay, schedule, normalisation, shortcut and dropout while
    they are off; one that is used is always written, so that the file repeats the run even if a
    default changes.
    """
    if isinstance(value, Model):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        return {name: plain(part) for name, part in fields.items() if _is_told(value, name, part)}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a setup")


def render(value: Json, level: int = 0) -> str:
    """Write JSON: the first two levels field by field, a list item by item, the rest in a line."""
    indent = "  " * (level + 1)
    if isinstance(value, dict) and level < 2:
        lines = [f"{indent}{_line(key)}: {render(part, level + 1)}" for key, part in value.items()]
        return _block("{", lines, "}", level)
    if isinstance(value, list) and value:
        return _block("[", [indent + _line(item) for item in value], "]", level)
    return _line(value)


def _block(opening: str, lines: list[str], closing: str, level: int) -> str:
    return "\n".join((opening, ",\n".join(lines), "  " * level + closing))


def _line(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _is_told(model: Model, name: str, part: object) -> bool:
    if name == "name" or part != type(model).model_fields[name].default:
        return True
    if isinstance(model, LayerSetup | InitializerSetup | BiasSetup | TrainingSetup | ScheduleSetup):
        return name not in model.left_out
    return True
