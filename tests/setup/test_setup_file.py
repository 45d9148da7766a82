"""A setup file: what is written is read, and what is wrong is refused in one sentence."""

import errno
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradstudio.errors import SetupError, SetupFileError
from gradstudio.setup import (
    LayerSetup,
    NetworkSetup,
    Setup,
    dumps,
    file,
    loads,
    read_setup,
    write_setup,
)


def text_with(**parts):
    return json.dumps({"format": "gradstudio-setup", "version": 1, **parts})


def refused(text):
    with pytest.raises(SetupError) as caught:
        loads(text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- round trip -----------------------------------------------------------------------------


def test_a_file_comes_back_equal(tmp_path):
    setup = Setup(name="Zwölf σ", notes="line 1\nline 2")
    write_setup(setup, tmp_path / "a.gradstudio.json")
    assert read_setup(tmp_path / "a.gradstudio.json") == setup


def test_whole_numbers_stand_for_numbers():
    assert loads(text_with(training={"learning_rate": 1})).training.learning_rate == 1.0


def test_what_is_left_out_has_its_default():
    assert loads(text_with()) == Setup()


# --- layout ---------------------------------------------------------------------------------


def test_a_hundred_layers_are_a_hundred_lines():
    lines = dumps(Setup(network=NetworkSetup(layers=(LayerSetup(),) * 100))).splitlines()
    layers = [line for line in lines if '"units"' in line]
    assert len(layers) == 100
    assert len(lines) < 140
    assert layers[0] == (
        '      {"units": 16, "activation": "tanh", '
        '"initializer": {"name": "xavier_normal"}, "bias": {"name": "zeros"}},'
    )


def test_the_first_lines_say_what_it_is():
    assert dumps(Setup(name="Mine")).splitlines()[:4] == [
        "{",
        '  "format": "gradstudio-setup",',
        '  "version": 1,',
        '  "name": "Mine",',
    ]


# --- what is wrong with a field -------------------------------------------------------------

FIELDS = [
    ({"network": {"layers": [{"units": 0}]}}, "network.layers[0].units: 0 is below 1"),
    (
        {"network": {"layers": [{}, {}, {}, {"units": 10**9}]}},
        "network.layers[3].units: 1000000000 is above 2048",
    ),
    (
        {"network": {"layers": [{"activation": "sigmoyd"}]}},
        "network.layers[0].activation: 'sigmoyd' is not one of linear, sigmoid, tanh, relu, "
        "leaky_relu, elu, selu, softplus, softsign, gelu, silu, erf, hard_tanh, lecun_tanh; did "
        "you mean 'sigmoid'?",
    ),
    (
        {"network": {"layers": [{"unit": 3}]}},
        "network.layers[0]: unknown field 'unit'; did you mean 'units'?",
    ),
    ({"netwrok": {}}, "unknown field 'netwrok'; did you mean 'network'?"),
    ({"zzz": 1}, "unknown field 'zzz'"),
    (
        {"network": {"output": {"initializer": {"nam": "zeros"}}}},
        "network.output.initializer: unknown field 'nam'; did you mean 'name'?",
    ),
    (
        {"network": {"layers": [{"units": "abc"}]}},
        "network.layers[0].units: needs a whole number, got 'abc'",
    ),
    (
        {"network": {"layers": [{"units": 2.5}]}},
        "network.layers[0].units: needs a whole number, got 2.5",
    ),
    (
        {"network": {"layers": [{"units": True}]}},
        "network.layers[0].units: needs a whole number, got true",
    ),
    (
        {"training": {"learning_rate": None}},
        "training.learning_rate: needs a number, got null",
    ),
    (
        {"training": {"learning_rate": float("nan")}},
        "training.learning_rate: needs a finite number, got NaN",
    ),
    (
        {"training": {"clip_norm": float("-inf")}},
        "training.clip_norm: needs a finite number, got -Infinity",
    ),
    ({"data": {"seed": float("nan")}}, "data.seed: needs a finite number, got NaN"),
    ({"data": {"seed": 2**31}}, "data.seed: 2147483648 is above 2147483647"),
    ({"data": {"standardise": 1}}, "data.standardise: needs true or false, got 1"),
    ({"network": {"layers": []}}, "network.layers: 0 entries are fewer than 1"),
    ({"network": {"layers": [{}] * 101}}, "network.layers: 101 entries are more than 100"),
    ({"network": {"layers": {}}}, "network.layers: needs a list in brackets [ ], got an object"),
    ({"network": [1]}, "network: needs an object in braces { }, got a list"),
    ({"name": 5}, "name: needs text in quotes, got 5"),
    ({"name": ""}, "name: 0 characters are fewer than 1"),
    ({"notes": "x" * 4001}, "notes: 4001 characters are more than 4,000"),
    (
        {"network": {"layers": [{"bias": {"bound": 0}}]}},
        "network.layers[0].bias.bound: 0 is not above 0",
    ),
    (
        {"network": {"layers": [{"initializer": {"low": 1, "high": 0.5}}]}},
        "network.layers[0].initializer: low 1 must be below high 0.5",
    ),
    (
        {"training": {"edits": [{"step": 1, "field": "momentum"}]}},
        "training.edits[0].value: is missing",
    ),
    (
        {"training": {"edits": [{"step": 1, "field": "momentum", "value": 2}]}},
        "training.edits[0]: value 2 is above 0.999",
    ),
    (
        {"training": {"edits": [{"step": 1, "field": "learning_rate", "value": None}]}},
        "training.edits[0]: value of learning_rate needs a number, got null",
    ),
    ({"training": {"stop": {"steps": 0}}}, "training.stop.steps: 0 is below 1"),
    (
        {"training": {"precision": "half"}},
        "training.precision: 'half' is not one of float32, float64, float16",
    ),
    (
        {"network": {"layers": [{"units": 0, "activation": "x"}], "seed": -1}},
        "network.layers[0].units: 0 is below 1 (and 2 more)",
    ),
]


@pytest.mark.parametrize(("parts", "sentence"), FIELDS, ids=[s for _, s in FIELDS])
def test_a_wrong_field_is_named_with_what_is_wrong(parts, sentence):
    assert refused(text_with(**parts)) == sentence


def test_a_number_too_large_for_a_float_is_not_finite():
    text = text_with().replace("}", ', "training": {"learning_rate": 1e999}}')
    assert refused(text) == "training.learning_rate: needs a finite number, got Infinity"


def test_long_values_are_shortened():
    assert len(refused(text_with(data={"name": "spiral" * 1000}))) < 250
    assert len(refused(text_with(**{"x" * 10_000: 1}))) < 100


# --- what is wrong with the text ------------------------------------------------------------


def test_a_truncated_text_says_where_it_ends():
    text = '{\n  "format": "gradstudio-setup",\n  "version'
    assert refused(text) == "not complete JSON: ends at line 3, column 10"


@given(st.integers(1, len(dumps(Setup())) - 3))
def test_cut_anywhere_it_is_called_incomplete(length):
    assert refused(dumps(Setup())[:length]).startswith("not complete JSON: ends at line")


def test_a_slip_in_the_text_is_placed():
    text = dumps(Setup()).replace('"version": 1,', '"version": 1')
    assert refused(text) == "not JSON: expecting ',' delimiter at line 4, column 3"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        ("[1, 2]", "is not a GradStudio setup: needs an object { }, got a list"),
        ("{}", "is not a GradStudio setup: 'format' is missing"),
        (
            '{"Format": "gradstudio-setup"}',
            "is not a GradStudio setup: 'format' is missing; did you mean 'Format'?",
        ),
        ('{"format": "gradstudio-setup"}', "is not a GradStudio setup: 'version' is missing"),
        (
            '{"format": "other", "version": 1}',
            "is not a GradStudio setup: 'format' is 'other', not 'gradstudio-setup'",
        ),
        ('{"format": "gradstudio-setup", "version": 0}', "version: 0 is below 1"),
        (
            '{"format": "gradstudio-setup", "version": "1"}',
            "version: needs a whole number, got '1'",
        ),
        (
            '{"format": "gradstudio-setup", "version": 2, "new": {}}',
            "was written by a newer version (file version 2, this program reads 1)",
        ),
        (
            '{"format": "gradstudio-setup", "version": 1, "name": "a", "name": "b"}',
            "the field 'name' is given twice in one object",
        ),
        ("[" * 100_000, "is not a GradStudio setup: nested too deeply"),
        (
            '{"version": ' + "9" * 5000 + "}",
            "is not a GradStudio setup: a number has too many digits",
        ),
        (
            '{"format": "gradstudio-setup", "version": 1, "name": "\\ud800"}',
            "holds half a character: a \\ud800 to \\udfff without its pair",
        ),
    ],
)
def test_a_text_that_is_no_setup_says_why(text, sentence):
    assert refused(text) == sentence


def test_an_older_version_is_brought_up_step_by_step(monkeypatch):
    monkeypatch.setattr(file, "VERSION", 3)
    steps = {
        1: lambda body: {"data": {"noise": body["noise"]}},
        2: lambda body: {**body, "name": "migrated"},
    }
    monkeypatch.setattr(file, "MIGRATIONS", steps)
    setup = loads('{"format": "gradstudio-setup", "version": 1, "noise": 0.2}')
    assert (setup.name, setup.data.noise) == ("migrated", 0.2)


# --- reading --------------------------------------------------------------------------------


def read_refused(path):
    with pytest.raises(SetupFileError) as caught:
        read_setup(path)
    assert caught.value.file == path
    assert str(caught.value).startswith(f"{path.name}: ")
    return str(caught.value).removeprefix(f"{path.name}: ")


def test_a_wrong_file_is_named_with_field_and_problem(tmp_path):
    path = tmp_path / "bad.gradstudio.json"
    path.write_text(text_with(network={"layers": [{"units": 0}]}))
    assert read_refused(path) == "network.layers[0].units: 0 is below 1"
    with pytest.raises(SetupFileError) as caught:
        read_setup(path)
    assert (caught.value.path, caught.value.problem) == (
        "network.layers[0].units",
        "0 is below 1",
    )


def test_files_that_cannot_be_read_are_refused(tmp_path):
    assert read_refused(tmp_path / "absent.json") == "does not exist"
    assert read_refused(tmp_path) == "is a folder, not a file"
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert read_refused(tmp_path / "picture.png") == (
        "is not a GradStudio setup: byte 1 is not text"
    )
    (tmp_path / "huge.json").write_bytes(b" " * 5_000_001)
    assert read_refused(tmp_path / "huge.json") == "is larger than 5 MB: not a setup"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
def test_a_pipe_is_refused_and_does_not_wait(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert read_refused(tmp_path / "pipe") == "cannot be read: not an ordinary file"


def test_no_permission_to_read_is_said(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_text(dumps(Setup()))

    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    assert read_refused(path) == "cannot be read: no permission"


def test_a_byte_order_mark_is_taken_for_what_it_is(tmp_path):
    path = tmp_path / "windows.json"
    path.write_bytes(b"\xef\xbb\xbf" + dumps(Setup()).replace("\n", "\r\n").encode())
    assert read_setup(path) == Setup()
