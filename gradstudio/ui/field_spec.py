"""What a setup model says of a field, read once, so that every form follows the models."""

from __future__ import annotations

import math
import re
import types
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ValidationError

from gradstudio.numbers import MINUS

Kind = Literal["whole", "number", "choice", "tick", "other"]
M = TypeVar("M", bound=BaseModel)
Value = int | float | str | bool | None

_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")


class FieldError(ValueError):
    """A text or value that a field cannot take; its text is a sentence for a person."""


@dataclass(frozen=True)
class FieldSpec:
    """One field of a setup model.

    Attributes
    ----------
    name, label, description, unit
        As stored, and as shown.
    kind
        What its values are.
    low, high
        Range, infinite where open. ``above`` says that `low` itself is not allowed.
    optional
        Whether None ("off") is a value.
    choices
        The values of a choice, in the order of the model.
    live
        Whether it takes effect in a running run.
    log
        Whether equal steps are equal factors.
    step
        What one step adds to a number; 0: a hundredth or a tenth, as the range suggests.
    """

    name: str
    label: str
    description: str
    unit: str
    kind: Kind
    low: float
    high: float
    above: bool
    optional: bool
    choices: tuple[str, ...]
    live: bool
    log: bool
    step: float = 0.0

    def problem(self, value: float) -> str:
        """Why a number is out of range; empty when it is not."""
        if not math.isfinite(value):
            return f"{self.written(value)} is not a finite number"
        if value < self.low or (self.above and value == self.low):
            relation = "is not above" if self.above else "is below"
            return f"{self.written(value)} {relation} {self.written(self.low)}"
        if value > self.high:
            return f"{self.written(value)} is above {self.written(self.high)}"
        return ""

    def read(self, text: str) -> int | float:
        """The number a person has typed: ``5,000``, ``1e-3``, ``−0.5``.

        Raises
        ------
        FieldError
            If it is no number, not whole where it has to be, or out of range.
        """
        plain = text.strip().replace(MINUS, "-").replace(" ", "")
        if _THOUSANDS.fullmatch(plain):
            plain = plain.replace(",", "")
        try:
            value = float(plain)
        except ValueError:
            meant = plain.replace(",", ".")
            hint = f": write {meant}" if _is_number(meant) else ""
            raise FieldError(f"“{text.strip()}” is not a number{hint}") from None
        if self.kind == "whole":
            if math.isfinite(value) and value != int(value):
                raise FieldError(f"{self.written(value)} is not a whole number")
            value = int(plain) if plain.lstrip("+-").isdigit() else value
        problem = self.problem(value)
        if problem:
            raise FieldError(problem)
        return int(value) if self.kind == "whole" else value

    def written(self, value: Value) -> str:
        """The value as a person reads it."""
        if value is None:
            return "off"
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, str):
            return value
        if isinstance(value, int) or (self.kind == "whole" and value.is_integer()):
            text = f"{value:.0f}" if "seed" in self.name else f"{value:,.0f}"
        else:
            text = re.sub(r"e([+-])0*(\d)", r"e\1\2", f"{value:.6g}").replace("e+", "e")
        return text.replace("-", MINUS)

    @property
    def range_text(self) -> str:
        """For instance ``"1 to 2,048 units"``; empty for what has no range."""
        if self.kind not in ("whole", "number") or math.isinf(self.low):
            return ""
        start = f"above {self.written(self.low)}, up" if self.above else self.written(self.low)
        return f"{start} to {self.written(self.high)} {self.unit}".rstrip()

    @property
    def help(self) -> str:
        """Description and range, for the tooltip."""
        return "\n".join(part for part in (self.description, self.range_text) if part)


@lru_cache(maxsize=128)
def field_spec(model: type[BaseModel], name: str) -> FieldSpec:
    """Read the field `name` of a setup model."""
    info = model.model_fields[name]
    annotation, optional = _without_none(info.annotation)
    extra: Any = info.json_schema_extra or {}
    low, high, above = -math.inf, math.inf, False
    for bound in (*info.metadata, *_member_metadata(info.annotation)):
        if isinstance(bound, Ge | Gt):
            low = float(str(bound.ge if isinstance(bound, Ge) else bound.gt))
            above = isinstance(bound, Gt)
        elif isinstance(bound, Le | Lt):
            high = float(str(bound.le if isinstance(bound, Le) else bound.lt))
    return FieldSpec(
        name=name,
        label=info.title or name,
        description=info.description or "",
        unit=str(extra.get("unit", "")),
        kind=_kind(annotation),
        low=low,
        high=high,
        above=above,
        optional=optional,
        choices=tuple(get_args(annotation)) if get_origin(annotation) is Literal else (),
        live=bool(extra.get("live", False)),
        log=bool(extra.get("log", low > 0 and high / low >= 1e4 and _kind(annotation) == "number")),
        step=float(extra.get("step", 0.0)),
    )


def replaced(model: M, **changes: object) -> M:
    """A copy of a frozen model with other values, checked as a whole.

    Raises
    ------
    FieldError
        With the sentence of the first thing that is wrong.
    """
    values = {name: getattr(model, name) for name in type(model).model_fields}
    try:
        return type(model).model_validate(values | changes)
    except ValidationError as error:
        raise FieldError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [part for part in get_args(annotation) if part is not type(None)]
        return _bare(rest[0]), len(rest) < len(get_args(annotation))
    return _bare(annotation), False


def _member_metadata(annotation: Any) -> list[Any]:
    """What is said of the first member of a union alone, such as the range of its numbers."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return []
    said = getattr(get_args(annotation)[0], "__metadata__", ())
    return [bound for part in said for bound in getattr(part, "metadata", [part])]


def _bare(annotation: Any) -> Any:
    """``Annotated[float, ...]`` is ``float``."""
    return annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation


def _kind(annotation: Any) -> Kind:
    if get_origin(annotation) is Literal:
        return "choice"
    kinds: dict[Any, Kind] = {bool: "tick", int: "whole", float: "number"}
    return kinds.get(annotation, "other")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
