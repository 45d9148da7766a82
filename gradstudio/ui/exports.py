"""Writing plots: one at a time through a dialog, or all of them to a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from gradstudio.errors import ExportError
from gradstudio.export.tables import csv_text
from gradstudio.ui.plot_export import figure_to_image, save_figure
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.widgets import label

FORMATS: Final = (
    ("png", "PNG picture, 2 × resolution"),
    ("svg", "SVG vector picture"),
    ("pdf", "PDF vector page"),
    ("csv", "CSV, the numbers"),
)
PREVIEW_SIZE: Final = QSize(560, 330)


class ExportDialog(QDialog):
    """Which plot, in which format and scheme; shows what will be written."""

    def __init__(self, instruments: Mapping[str, Instrument], chosen: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export plot")
        self._instruments = instruments
        self.plot = QComboBox()
        for name, instrument in instruments.items():
            self.plot.addItem(instrument.header.title(), name)
        self.plot.setCurrentIndex(list(instruments).index(chosen))
        self.format = QComboBox()
        for suffix, text in FORMATS:
            self.format.addItem(text, suffix)
        self.scheme = QComboBox()
        self.scheme.addItem("Light, for paper", "light")
        self.scheme.addItem("Dark", "dark")
        self._preview = QLabel()
        self._preview.setFixedSize(PREVIEW_SIZE)
        self._preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._problem = label("", "error")
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        form = QFormLayout()
        for text, box in (("Plot", self.plot), ("Format", self.format), ("Colours", self.scheme)):
            box.setAccessibleName(text)
            form.addRow(label(text), box)
            box.currentIndexChanged.connect(self._refresh)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self._preview)
        layout.addWidget(self._problem)
        layout.addWidget(self._buttons)
        self._refresh()

    def instrument(self) -> Instrument:
        """The plot chosen."""
        return self._instruments[self.plot.currentData()]

    def suffix(self) -> str:
        """The format chosen: png, svg, pdf or csv."""
        chosen: str = self.format.currentData()
        return chosen

    def scheme_name(self) -> str:
        """The scheme chosen: light or dark."""
        chosen: str = self.scheme.currentData()
        return chosen

    def _refresh(self) -> None:
        self.scheme.setEnabled(self.suffix() != "csv")
        try:
            image = figure_to_image(self.instrument().figure(self.scheme_name()), scale=1.0)
        except ExportError as problem:
            self._preview.setPixmap(QPixmap())
            self._problem.setText(str(problem))
            self._buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(False)
            return
        self._problem.setText("")
        self._buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(True)
        self._preview.setPixmap(
            QPixmap.fromImage(image).scaled(
                PREVIEW_SIZE,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )


class Exports(QObject):
    """The export commands of the window."""

    refused = Signal(str)
    noted = Signal(str)

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        window: QWidget,
        settings: QSettings,
        measure: Callable[[frozenset[str]], None],
    ) -> None:
        super().__init__(window)
        self._measure = measure
        self._instruments = instruments
        self._window = window
        self._settings = settings
        self.stem = "gradstudio"
        """Start of the names of the files proposed."""
        for name, instrument in instruments.items():
            instrument.export_requested.connect(lambda what, n=name: self.export(n, what))

    def ask(self, chosen: str) -> None:
        """Show the dialog, then ask for the file."""
        self._measure_hidden()
        dialog = ExportDialog(self._instruments, chosen, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._save_as(dialog.instrument(), dialog.suffix(), dialog.scheme_name())
        dialog.deleteLater()

    def export(self, name: str, what: str) -> None:
        """Do what the menu of a plot asks for: a format, or a copy to the clipboard."""
        instrument = self._instruments[name]
        try:
            if what == "copy_image":
                QGuiApplication.clipboard().setImage(
                    figure_to_image(instrument.figure(), scale=2.0)
                )
            elif what == "copy_data":
                QGuiApplication.clipboard().setText(csv_text(instrument.figure()))
            elif what == "copy_sentence":
                QGuiApplication.clipboard().setText(instrument.sentence())
            else:
                self._save_as(instrument, what, "light")
                return
        except ExportError as problem:
            self.refused.emit(str(problem))
            return
        self.noted.emit(f"{instrument.header.title()}: copied.")

    def ask_all(self) -> None:
        """Ask for a folder and write every plot in every format."""
        folder = QFileDialog.getExistingDirectory(self._window, "Export all plots", self._folder())
        if folder:
            self.export_all(Path(folder))

    def export_all(self, folder: Path) -> int:
        """Write every plot as PNG, SVG, PDF and CSV; the number of files written.

        Hidden ones are measured for it; what still has nothing to show is left out by name.
        """
        self._measure_hidden()
        written, left_out = 0, []
        try:
            for name, instrument in self._instruments.items():
                try:
                    figure = instrument.figure("light")
                except ExportError:
                    left_out.append(instrument.title)
                    continue
                for suffix, _ in FORMATS:
                    if suffix == "csv" and not csv_text(figure).strip():
                        continue  # a picture without numbers yet
                    save_figure(figure, folder / f"{self.stem}-{name}.{suffix}")
                    written += 1
        except ExportError as problem:
            self.refused.emit(f"{problem} {written} files were written before that.")
            return written
        self._settings.setValue("export_folder", str(folder))
        missing = f" Nothing to write yet: {', '.join(left_out)}." if left_out else ""
        self.noted.emit(f"{written} files written to {folder}.{missing}")
        return written

    def _measure_hidden(self) -> None:
        """Have measured what nobody looks at, for those that want to write it."""
        hidden = [plot for plot in self._instruments.values() if not plot.isVisible()]
        probes = frozenset().union(*(plot.probes for plot in hidden))
        if probes:
            self._measure(probes)

    def _save_as(self, instrument: Instrument, suffix: str, scheme: str) -> None:
        name = next(key for key, value in self._instruments.items() if value is instrument)
        proposed = Path(self._folder()) / f"{self.stem}-{name}.{suffix}"
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, "Export plot", str(proposed), f"{suffix.upper()} (*.{suffix})"
        )
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() != f".{suffix}":
            path = path.with_name(f"{path.name}.{suffix}")
        try:
            save_figure(instrument.figure(scheme), path)
        except ExportError as problem:
            self.refused.emit(str(problem))
            return
        self._settings.setValue("export_folder", str(path.parent))
        self.noted.emit(f"{instrument.header.title()} written to {path.name}.")

    def _folder(self) -> str:
        return str(self._settings.value("export_folder", str(Path.home()), type=str))
