"""The command line: what it does, what it says, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PySide6.QtWidgets import QApplication

from gradstudio import __version__, load_setup
from gradstudio.cli import main, window
from gradstudio.cli.examples import example_files, find_setup, stem_of
from gradstudio.environment import has_display, prepare_environment, qt_problem
from gradstudio.setup.file import write_setup
from gradstudio.setup.models import (
    DataSetup,
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    Setup,
    StopSetup,
    TrainingSetup,
)
from gradstudio.training.trainer import Trainer

Run = Callable[..., "Result"]


class Result:
    """How a call of the command line ended and what it said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Call the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Result:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int | None)
        return Result(code or 0, said.out, said.err)

    return call


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """Files that a window would have been opened with."""
    files: list[Path | None] = []

    def note(file: Path | None) -> int:
        files.append(file)
        return 0

    monkeypatch.setattr("gradstudio.app.main", note)
    return files


def small(**training: object) -> Setup:
    layers = tuple(LayerSetup(units=6) for _ in range(2))
    return Setup(
        name="Small [one] / two",
        data=DataSetup(samples=60),
        network=NetworkSetup(layers=layers),
        training=TrainingSetup(**training),  # type: ignore[arg-type]
    )


def exploding() -> Setup:
    wild = InitializerSetup(name="normal", std=10.0)
    layers = tuple(LayerSetup(units=64, activation="relu", initializer=wild) for _ in range(16))
    return Setup(
        name="Wild",
        data=DataSetup(samples=60),
        network=NetworkSetup(layers=layers),
        training=TrainingSetup(learning_rate=10.0),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.gradstudio.json"
    write_setup(small(), path)
    return path


def test_without_a_word_the_window_opens(command: Run, opened: list[Path | None]) -> None:
    assert command().code == 0
    assert opened == [None]


def test_a_file_opens_in_the_window(command: Run, opened: list[Path | None], file: Path) -> None:
    assert command(str(file)).code == 0
    assert command("open", str(file)).code == 0
    assert opened == [file, file]


def test_a_file_named_like_a_command_opens_by_its_path(
    command: Run, opened: list[Path | None], tmp_path: Path
) -> None:
    (tmp_path / "run").write_text("{}")
    assert command("./run").code == 0
    assert opened == [Path("run")]


def test_a_word_that_is_neither_is_refused(command: Run, opened: list[Path | None]) -> None:
    result = command("exmaples")
    assert result.code == 2
    assert result.err == (
        "gradstudio: exmaples: does not exist, and is none of the commands examples, open, run.\n"
    )
    assert opened == []


def test_without_a_display_no_window_is_tried(
    command: Run, opened: list[Path | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "has_display", lambda: False)
    result = command()
    assert result.code == 1
    assert result.err.startswith("gradstudio: there is no display")
    assert opened == []


def test_the_version_is_printed(command: Run) -> None:
    assert command("--version").out == f"GradStudio {__version__}\n"


def test_help_names_every_command(command: Run) -> None:
    text = command("--help").out
    assert all(word in text for word in ("open", "run", "examples", "gradstudio FILE"))


def test_a_run_writes_tables_plots_summary_and_setup(
    qapp: QApplication, command: Run, file: Path, tmp_path: Path
) -> None:
    before = signal.getsignal(signal.SIGINT)
    result = command("run", str(file), "--steps", "60")
    assert (result.code, result.err) == (0, "")
    assert signal.getsignal(signal.SIGINT) is before
    folder = tmp_path / "gradstudio-small-one-two"
    names = {path.name for path in folder.iterdir()}
    plots = {
        "gradient", "weight-gradient", "update-to-weight", "depth", "loss", "accuracy",
        "decision", "backward-signal", "initial-weights-1", "seismograph", "chain-rule",
    }  # fmt: skip
    assert names == {f"{plot}.{suffix}" for plot in plots for suffix in ("png", "svg")} | {
        "history.csv",
        "evaluations.csv",
        "summary.json",
        "setup.gradstudio.json",
    }
    assert "history.csv (every step)" in result.out
    assert "60 steps in " in result.out


def test_the_history_written_is_that_of_the_training(
    qapp: QApplication, command: Run, file: Path, tmp_path: Path
) -> None:
    command("run", str(file), "--steps", "40", "--seed", "5", "--out", "here")
    written = pd.read_csv(tmp_path / "here" / "history.csv")
    setup = load_setup(tmp_path / "here" / "setup.gradstudio.json")
    assert (setup.network.seed, setup.training.stop.steps) == (5, 40)
    trainer = Trainer(setup)
    trainer.run(1000)
    assert len(written) == 40
    exact = trainer.recording.history.read("delta_rms").last
    columns = [name for name in written if "RMS dL/dz" in name]
    assert columns == [f"{name} RMS dL/dz [nat]" for name in ("layer 1", "layer 2", "out")]
    np.testing.assert_allclose(written[columns], exact, rtol=1e-14)
    summary = json.loads((tmp_path / "here" / "summary.json").read_text("utf-8"))
    assert summary["steps"] == 40
    assert summary["verdict"] in ("healthy", "vanishing", "exploding")


def test_results_of_another_run_are_never_overwritten(
    qapp: QApplication, command: Run, file: Path, tmp_path: Path
) -> None:
    command("run", str(file), "--steps", "2", "--out", "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    result = command("run", str(file), "--steps", "3", "--out", "out")
    assert "out-2" in result.out
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert len(pd.read_csv(tmp_path / "out-2" / "history.csv")) == 3


def test_without_a_limit_a_thousand_steps_are_done(
    qapp: QApplication, command: Run, file: Path, tmp_path: Path
) -> None:
    result = command("run", str(file), "--out", "out")
    assert result.out.splitlines()[1].startswith("1,000 steps in ")
    assert "--steps sets another number" in result.out


def test_the_stop_rule_of_the_setup_ends_the_run(
    qapp: QApplication, command: Run, tmp_path: Path
) -> None:
    write_setup(small(stop=StopSetup(epochs=3), batch_size=15), tmp_path / "s.gradstudio.json")
    result = command("run", "s.gradstudio.json", "--out", "out")
    assert result.out.splitlines()[1].startswith("9 steps in ")


def test_divergence_is_an_outcome_and_is_said(
    qapp: QApplication, command: Run, tmp_path: Path
) -> None:
    write_setup(exploding(), tmp_path / "wild.gradstudio.json")
    result = command("run", "wild.gradstudio.json", "--out", "out")
    assert result.code == 0
    assert "Not finite (critical). Stopped at step " in result.out
    summary = json.loads(
        (tmp_path / "out" / "summary.json").read_text("utf-8"), parse_constant=pytest.fail
    )
    assert summary["verdict"] == "diverged"
    assert set(summary["not finite"]) == {"step", "layer", "operation"}
    assert (tmp_path / "out" / "gradient.png").stat().st_size > 1000


def test_ctrl_c_writes_what_there_is(
    qapp: QApplication,
    command: Run,
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train = Trainer.run

    def interrupted(trainer: Trainer, steps: int) -> int:
        done = train(trainer, min(steps, 5))
        signal.raise_signal(signal.SIGINT)
        return done

    monkeypatch.setattr(Trainer, "run", interrupted)
    result = command("run", str(file), "--out", "out")
    assert result.code == 130
    written = pd.read_csv(tmp_path / "out" / "history.csv")
    assert 1 <= len(written) <= 5
    assert result.out.splitlines()[1].startswith("Interrupted: ")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "not complete JSON"),
        ('{"format": "gradstudio-setup", "version": 99}', "newer version"),
        ('{"format": "gradstudio-setup", "version": 1, "training": {"batch_size": 0}}', "below 1"),
        (
            '{"format": "gradstudio-setup", "version": 1, "training": {"loss": "mse"},'
            ' "data": {"name": "diabetes"}, "extra": 1}',
            "extra",
        ),
    ],
)
def test_a_bad_setup_is_refused_in_one_line(
    command: Run, tmp_path: Path, text: str, problem: str
) -> None:
    (tmp_path / "bad.json").write_text(text)
    result = command("run", "bad.json")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("gradstudio: bad.json: ")
    assert problem in result.err
    assert result.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["bad.json"]


def test_a_loss_that_does_not_fit_the_data_is_refused(command: Run, tmp_path: Path) -> None:
    setup = small().model_copy(update={"data": DataSetup(name="sine")})
    write_setup(setup, tmp_path / "s.gradstudio.json")
    result = command("run", "s.gradstudio.json")
    assert result.code == 2
    assert "training.loss" in result.err


def test_a_shortcut_that_does_not_fit_is_refused_with_its_layer(
    command: Run, tmp_path: Path
) -> None:
    layers = (LayerSetup(units=4), LayerSetup(units=5, residual="plain"))
    setup = small().model_copy(update={"network": NetworkSetup(layers=layers)})
    write_setup(setup, tmp_path / "s.gradstudio.json")
    result = command("run", "s.gradstudio.json")
    assert result.code == 2
    assert "network.layers[1].residual: a shortcut adds 4 units of layer 1 to 5" in result.err


def test_a_structured_network_in_half_precision_is_trained_and_written(
    qapp: QApplication, command: Run, tmp_path: Path
) -> None:
    last = LayerSetup(units=4, normalisation="batch", residual="rezero", dropout=0.2)
    network = NetworkSetup(layers=(LayerSetup(units=4), last))
    setup = small(precision="float16").model_copy(update={"network": network})
    write_setup(setup, tmp_path / "s.gradstudio.json")
    result = command("run", "s.gradstudio.json", "--steps", "30", "--out", "out")
    assert result.code == 0
    assert "51 parameters" in result.out  # 42 and 2 × 4 + 1 beside
    assert (tmp_path / "out" / "backward-signal.svg").is_file()
    written = (tmp_path / "out" / "setup.gradstudio.json").read_text("utf-8")
    assert '"normalisation": "batch", "residual": "rezero", "span": 1, "dropout": 0.2' in written


def test_a_missing_setup_is_refused(command: Run) -> None:
    result = command("run", "nothing.json")
    assert (result.code, result.err) == (
        2,
        "gradstudio: nothing.json: does not exist, and is no example.\n",
    )


@pytest.mark.parametrize("words", [("--steps", "0"), ("--steps", "x"), ("--seed", "-1")])
def test_a_number_out_of_range_is_refused(command: Run, file: Path, words: tuple[str, str]) -> None:
    assert command("run", str(file), *words).code == 2


def test_a_folder_that_cannot_be_made_is_said_before_training(
    command: Run, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trainer, "run", lambda *_: pytest.fail("trained"))
    (tmp_path / "in-the-way").write_text("")
    result = command("run", str(file), "--out", "in-the-way/out")
    assert result.code == 1
    assert result.err.startswith("gradstudio: the folder in-the-way")


def test_every_example_is_listed_and_found_by_its_name(command: Run) -> None:
    files = example_files()
    text = command("examples").out
    assert len(files) >= 8
    for example in files:
        name = stem_of(example)
        assert name in text
        assert find_setup(name) == example
        assert find_setup(name.split("-", 1)[1]) == example


def test_a_misspelt_example_gets_a_hint(
    command: Run, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    monkeypatch.setattr("gradstudio.cli.examples.example_files", lambda: [file])
    result = command("run", "smal")
    assert result.err.endswith("did you mean the example small?\n")


def test_one_blas_thread_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    prepare_environment()
    assert (os.environ["OPENBLAS_NUM_THREADS"], os.environ["OMP_NUM_THREADS"]) == ("1", "4")


def test_the_qt_that_aborts_is_refused_only_where_it_aborts() -> None:
    assert "PySide6 6.12.0 aborts on Python 3.11" in qt_problem("6.12.0", (3, 11))
    assert qt_problem("6.12.0", (3, 12)) == ""
    assert qt_problem("6.11.3", (3, 11)) == ""
    assert qt_problem("", (3, 11)) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
@pytest.mark.parametrize(
    ("variables", "answer"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, True),
    ],
)
def test_a_display_is_known_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], answer: bool
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert has_display() is answer


def test_the_module_runs_as_a_program_without_a_display(file: Path, tmp_path: Path) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    root = str(Path(__file__).resolve().parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "gradstudio", "run", str(file), "--steps", "20", "--out", "out"],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": root},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "20 steps in " in done.stdout
    assert (tmp_path / "out" / "gradient.svg").exists()
