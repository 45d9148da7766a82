"""Reading an SVG back: which values a curve shows."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from gradstudio.export.figure import Figure
from gradstudio.export.svg import to_svg

NAMESPACE = "{http://www.w3.org/2000/svg}"


@dataclass
class Drawn:
    """A figure drawn and parsed."""

    root: ElementTree.Element

    @classmethod
    def of(cls, figure: Figure) -> Drawn:
        return cls(ElementTree.fromstring(to_svg(figure)))

    def group(self, identity: str) -> ElementTree.Element:
        found = [g for g in self.root.iter(f"{NAMESPACE}g") if g.get("id") == identity]
        assert len(found) == 1, f"{len(found)} groups {identity}"
        return found[0]

    def groups(self) -> list[str]:
        return [g.get("id", "") for g in self.root.iter(f"{NAMESPACE}g")]

    def pieces(self, identity: str) -> list[np.ndarray]:
        """The polylines of a group in pixels, shape (n, 2) each."""
        lines = [one.get("points", "") for one in self.group(identity).iter(f"{NAMESPACE}polyline")]
        return [np.array([pair.split(",") for pair in line.split()], float) for line in lines]

    def end(self, name: str) -> float:
        return float(self.group("plot").get(f"data-{name}", "nan"))

    def ends(self, axis: str) -> tuple[float, float, float, float]:
        """Pixels and positions of the two ends of an axis."""
        first, last = ("left", "right") if axis == "x" else ("bottom", "top")
        return self.end(first), self.end(last), self.end(f"{axis}-low"), self.end(f"{axis}-high")

    def position(self, axis: str, pixels: np.ndarray) -> np.ndarray:
        """Pixels mapped back to positions on an axis, as the documentation says."""
        first, last, low, high = self.ends(axis)
        return low + (pixels - first) / (last - first) * (high - low)

    def pixels(self, axis: str, positions: np.ndarray) -> np.ndarray:
        first, last, low, high = self.ends(axis)
        return first + (positions - low) / (high - low) * (last - first)

    def texts(self, identity: str | None = None) -> list[str]:
        where = self.root if identity is None else self.group(identity)
        return [text.text or "" for text in where.iter(f"{NAMESPACE}text")]
