"""The middle of a page: rows of instruments that share the room, over one time slider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from gradstudio.ui.arrangement import STRIP_HEIGHT, STRIPS, Arrangement
from gradstudio.ui.plots.instrument import Instrument, Place
from gradstudio.ui.plots.stepplot import StepPlot
from gradstudio.ui.time_bar import TimeBar
from gradstudio.ui.widgets import label, rule_line

LEAST_HEIGHTS: Final = {"diagram": 104, "gradient": 176, "chain": 232, "gain_lab": 264}
LEAST_HEIGHT: Final = 136
"""Height under which an instrument is not legible; the rows scroll instead."""
NOTHING_SHOWN: Final = (
    "All instruments are hidden. View > Instruments shows them; so do the keys 1 to 9."
)


class Shelf(QWidget):
    """Shows, hides and enlarges instruments, each in its own place.

    A row whose other instruments are not there belongs to the one that is; rows with nothing to
    show give their height to the others. The left column has one width in all rows, so that the
    step axes lie over each other and over the time slider.

    Parameters
    ----------
    rows
        Names of the instruments, from left to right and from top to bottom.
    instruments
        The instruments by name; names of rows that are not among them are left out.
    guests
        Layouts elsewhere on the page for rows that live there, by the name of their first
        instrument; such a row comes to the shelf while it is enlarged.
    """

    changed = Signal()
    """An instrument was shown, hidden, enlarged, taken out or put back."""
    resized_by_hand = Signal()
    """A person moved a border between instruments."""

    def __init__(
        self,
        rows: Sequence[Sequence[str]],
        instruments: Mapping[str, Instrument],
        guests: Mapping[str, QLayout] | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("shelf")
        self._rows = [[n for n in row if n in instruments] for row in rows]
        self._rows = [row for row in self._rows if row]
        self.instruments = {n: instruments[n] for row in self._rows for n in row}
        self._guests = dict(guests or {})
        self.time = TimeBar()
        self._arrangement = Arrangement()
        self._out: set[str] = set()
        self._enlarged: str | None = None
        self._whole = _Splitter(Qt.Orientation.Vertical)
        self._whole.resized.connect(self._share_out)
        self._whole.splitterMoved.connect(lambda *_: self._note_heights())
        self._parts = [self._make_row(row) for row in self._rows]
        self._empty = label(NOTHING_SHOWN, "caption")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._whole.addWidget(self._empty)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._whole)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(rule_line())
        layout.addWidget(self.time)
        self._show()

    # -- what is the case ------------------------------------------------------------------

    @property
    def arrangement(self) -> Arrangement:
        """Which instruments are hidden, and how the others share the room."""
        return self._arrangement

    @property
    def enlarged(self) -> str | None:
        """Name of the instrument that has all the room; None when they share it."""
        return self._enlarged

    @property
    def out(self) -> frozenset[str]:
        """Names of the instruments that have been taken out."""
        return frozenset(self._out)

    def is_at_home(self, name: str) -> bool:
        """Whether an instrument is seen in the place that it has on the page."""
        away = name in self._out or self._enlarged is not None
        return not self.instruments[name].isHidden() and not away

    def is_shown(self, name: str) -> bool:
        """Whether an instrument is wanted, on the page or outside of it."""
        return name not in self._arrangement.hidden

    # -- what is done to it ----------------------------------------------------------------

    def arrange(self, arrangement: Arrangement) -> None:
        """Take another arrangement."""
        self._arrangement = arrangement
        self._show()

    def set_shown(self, name: str, shown: bool) -> None:
        """Show an instrument, or hide it; what is hidden costs nothing."""
        hidden = set(self._arrangement.hidden) - {name} | (set() if shown else {name})
        self._arrangement = replace(self._arrangement, hidden=tuple(sorted(hidden)))
        if self._enlarged == name and not shown:
            self._enlarged = None
        self._show()

    def enlarge(self, name: str | None) -> None:
        """Give one instrument all the room; None lets them share it again."""
        self._enlarged = None if name in self._out else name
        self._show()

    def take_out(self, name: str) -> Instrument:
        """Give up an instrument to whoever shows it elsewhere."""
        self._out.add(name)
        if self._enlarged == name:
            self._enlarged = None
        instrument = self.instruments[name]
        instrument.setParent(None)
        self._show()
        return instrument

    def put_back(self, name: str) -> None:
        """Have an instrument back in its place."""
        self._out.discard(name)
        row = next(row for row in self._rows if name in row)
        part = self._parts[self._rows.index(row)]
        before = [other for other in row[: row.index(name)] if other not in self._out]
        part.insertWidget(len(before), self.instruments[name])
        self._show()

    # -- inside ----------------------------------------------------------------------------

    def _make_row(self, names: Sequence[str]) -> QSplitter:
        row = _Splitter(Qt.Orientation.Horizontal)
        for name in names:
            instrument = self.instruments[name]
            instrument.setMinimumHeight(LEAST_HEIGHTS.get(name, LEAST_HEIGHT))
            row.addWidget(instrument)
        row.splitterMoved.connect(lambda *_: self._note_columns(row))
        if names[0] in self._guests:
            self._guests[names[0]].addWidget(row)
        else:
            self._whole.addWidget(row)
        return row

    def _seat_guests(self) -> None:
        """Have a row from elsewhere here while it is enlarged, and there otherwise."""
        for row, part in zip(self._rows, self._parts, strict=True):
            home, is_here = self._guests.get(row[0]), self._whole.indexOf(part) >= 0
            if home is None or is_here == (self._enlarged in row):
                continue
            if is_here:
                home.addWidget(part)
            else:
                self._whole.insertWidget(self._whole.count() - 1, part)

    def _show(self) -> None:
        """Show what is wanted where it is wanted."""
        self._seat_guests()
        for row, part in zip(self._rows, self._parts, strict=True):
            present = [name for name in row if name not in self._out]
            for name in present:
                alone = self._enlarged is None or name == self._enlarged
                instrument = self.instruments[name]
                instrument.place = Place.SHELF if self._enlarged is None else Place.ENLARGED
                alone = alone or self._is_elsewhere(row)
                instrument.setVisible(alone and (self.is_shown(name) or self._enlarged == name))
            part.setVisible(any(not self.instruments[n].isHidden() for n in present))
        self._empty.setVisible(not self._shown_parts())
        self._share_out()
        self.changed.emit()

    def _shown_parts(self) -> list[tuple[str, QSplitter]]:
        """Rows that show something, by the name of their first instrument."""
        rows = zip(self._rows, self._parts, strict=True)
        here = [(row[0], part) for row, part in rows if not self._is_elsewhere(row)]
        return [(first, part) for first, part in here if not part.isHidden()]

    def _is_elsewhere(self, row: Sequence[str]) -> bool:
        """Whether a row has its place elsewhere on the page, and is there."""
        return row[0] in self._guests and self._enlarged not in row

    def _share_out(self) -> None:
        """Give every row its height and both columns their width."""
        room = self._whole.height()
        heights, shown = self._arrangement.heights, self._shown_parts()
        strips = {n: heights.get(n, STRIP_HEIGHT) for n, _ in shown if n in STRIPS}
        if len(shown) == 1:
            strips = {}
        rest = room - sum(strips.values())
        shares = {n: heights.get(n, 0.3) for n, _ in shown if n not in strips}
        total = sum(shares.values())
        sizes = {n: rest * share / total for n, share in shares.items()} | strips
        names = [row[0] for row in self._rows if not self._is_elsewhere(row)]
        self._whole.setSizes([round(sizes.get(name, 0)) for name in names] + [0])
        width = self._whole.width() - 1
        left = round(self._arrangement.left * width)
        for _, part in shown:
            if part.count() == 2:
                part.setSizes([left, width - left])
        self._align()

    def _note_heights(self) -> None:
        """Keep the heights that a person has given the rows."""
        shown = dict(self._shown_parts())
        heights = dict(self._arrangement.heights)
        rest = {n: part.height() for n, part in shown.items() if n not in STRIPS}
        total = sum(heights.get(name, 0.3) for name in rest)
        for name, part in shown.items():
            heights[name] = (
                rest[name] / sum(rest.values()) * total if name in rest else part.height()
            )
        self._arrangement = replace(self._arrangement, heights=heights)
        self.resized_by_hand.emit()

    def _note_columns(self, moved: QSplitter) -> None:
        """Give all rows the width of columns that a person has given one of them."""
        sizes = moved.sizes()
        if len(sizes) == 2 and all(sizes):
            self._arrangement = replace(self._arrangement, left=sizes[0] / sum(sizes))
        for _, part in self._shown_parts():
            if part is not moved and part.count() == 2:
                part.setSizes(sizes)
        self._align()
        self.resized_by_hand.emit()

    def _align(self) -> None:
        """Lay the track of the time slider under the step axis above it."""
        for row, part in zip(self._rows, self._parts, strict=True):
            for name in row:
                plot = self.instruments[name]
                if not isinstance(plot, StepPlot) or plot.isHidden() or part.isHidden():
                    continue
                span = plot.step_span()
                if span is None or name in self._out:
                    continue
                start = plot.x() + part.x()
                self.time.align(plot, start + span[0], start + span[1])
                return
        self.time.align(None, 42.0, max(self._arrangement.left * self.width() - 64.0, 200.0))


class _Splitter(QSplitter):
    """A splitter with borders of one pixel that tells when its own size is another."""

    resized = Signal()

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()
