"""Any setup a person could design comes back from its file; any damage is refused."""

import json
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gradstudio.errors import SetupError, SetupFileError
from gradstudio.setup import (
    Edit,
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    Setup,
    TrainingSetup,
    dumps,
    loads,
    read_setup,
)
from gradstudio.setup.models import Model

GENTLE = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def _bounds(field):
    found = {}
    for part in field.metadata:
        for key in ("ge", "gt", "le", "min_length", "max_length"):
            if getattr(part, key, None) is not None:
                found[key] = getattr(part, key)
    return found


def _values(annotation, bounds):
    if get_origin(annotation) in (Union, UnionType):
        members = [part for part in get_args(annotation) if part is not NoneType]
        values = [_values(member, bounds) for member in members]
        return st.one_of(*([st.none()] if NoneType in get_args(annotation) else []), *values)
    if get_origin(annotation) is Annotated:
        member, *said = get_args(annotation)
        return _values(member, bounds | _bounds(*said))
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if get_origin(annotation) is tuple:
        longest = min(bounds.get("max_length", 3), 3)
        items = models(get_args(annotation)[0])
        return st.lists(items, min_size=bounds.get("min_length", 0), max_size=longest).map(tuple)
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return models(annotation)
    low, high = bounds.get("ge", bounds.get("gt")), bounds.get("le")
    if annotation is int:
        return st.integers(low, high)
    if annotation is bool:
        return st.booleans()
    if annotation is str:
        characters = st.characters(exclude_categories=("Cs",))
        return st.text(characters, min_size=bounds.get("min_length", 0), max_size=20)
    inner = get_args(annotation)
    if inner and inner[0] is float:
        return _values(float, bounds)
    assert annotation is float, annotation
    return st.floats(low, high, allow_nan=False, allow_infinity=False, exclude_min="gt" in bounds)


@st.composite
def models(draw, model):
    fields = {}
    for name, field in model.model_fields.items():
        fields[name] = draw(_values(field.annotation, _bounds(field)))
    try:
        return model(**fields)
    except ValidationError:
        assume(False)


setups = models(Setup)


@GENTLE
@given(setups)
def test_every_setup_comes_back_equal(setup):
    assert loads(dumps(setup)) == setup


@GENTLE
@given(setups)
def test_the_text_of_a_setup_does_not_depend_on_its_history(setup):
    assert dumps(loads(dumps(setup))) == dumps(setup)


LONG = Setup(
    network=NetworkSetup(layers=(LayerSetup(initializer=InitializerSetup(name="uniform")),) * 5),
    training=TrainingSetup(edits=(Edit(step=3, field="clip_norm", value=None),)),
)


@settings(GENTLE, max_examples=400)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "damaged.gradstudio.json"
    content = bytearray(dumps(LONG).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        first = data.draw(st.integers(0, len(content)))
        last = data.draw(st.integers(first, min(len(content), first + 30)))
        part = data.draw(
            st.binary(max_size=8)
            | st.sampled_from([b"NaN", b"1e999", b"null", b"{}", b"[]", b"-", b'"', b"9" * 400])
        )
        content[first:last] = part
    path.write_bytes(content)
    try:
        setup = read_setup(path)
    except SetupFileError as error:
        assert str(error).startswith("damaged.gradstudio.json: ")
        assert "\n" not in str(error) and len(str(error)) < 400
    else:
        assert loads(dumps(setup)) == setup


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@settings(GENTLE, max_examples=200)
@given(st.data())
def test_any_value_in_any_place_is_read_or_refused(data):
    body = json.loads(dumps(Setup()))
    place = body
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else [0]))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(JSON)
        break
    try:
        assert isinstance(loads(json.dumps(body)), Setup)
    except SetupError as error:
        assert "\n" not in str(error)
