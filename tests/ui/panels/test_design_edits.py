"""Sixty edits at random, all controls: undone to the first setup, redone to the last."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.ui.choices import ChoiceField
from gradstudio.ui.fields import NumberField, OptionalNumberField, TickField
from gradstudio.ui.forms import Form
from gradstudio.ui.gain_field import GainField
from gradstudio.ui.log_field import LogNumberField
from gradstudio.ui.panels.layer_text import format_layers
from tests.ui.panels.desk import Desk


def edit_field(desk: Desk, chance: random.Random, form: Form) -> None:
    """Change any field that shows, the way its control does."""
    editor = form.editor(chance.choice(form.shown()))
    if isinstance(editor, ChoiceField):
        editor.setCurrentIndex(editor.findData(chance.choice(editor.values())))
        editor.activated.emit(editor.currentIndex())
    elif isinstance(editor, OptionalNumberField):
        editor.tick.click()
    elif isinstance(editor, TickField):
        editor.click()
    elif isinstance(editor, LogNumberField):
        editor.slider.setValue(chance.randint(editor.slider.minimum(), editor.slider.maximum()))
    elif isinstance(editor, GainField):
        editor.tick.click()
    else:
        assert isinstance(editor, NumberField)
        editor.stepBy(chance.choice((-10, -1, 1, 10)))


def acts(desk: Desk, chance: random.Random) -> list[Callable[[], None]]:
    network, table = desk.network, desk.network.table

    def choose_layers() -> None:
        count = chance.randint(1, min(3, len(desk.layers)))
        table.select(sorted(chance.sample(range(len(desk.layers)), count)))

    def on_layers(act: Callable[[], None]) -> Callable[[], None]:
        return lambda: (choose_layers(), act())[1]

    def type_text() -> None:
        units = [chance.randint(1, 64) for _ in range(chance.randint(1, 5))]
        network.text.setText(", ".join(map(str, units)))
        network.text.returnPressed.emit()

    def set_units() -> None:
        row = table.selected()[0] + 1
        network.model.setData(network.model.index(row, 1), chance.randint(1, 99))

    forms = (
        desk.initializer.parameters,
        desk.initializer.start,
        desk.data.form,
        desk.data.details,
        desk.network.structure.form,
        desk.training.form,
        desk.training.clipping,
        desk.training.schedule,
        desk.training.details,
        desk.training.stops,
    )
    fields = [lambda form=form: edit_field(desk, chance, form) for form in forms if form.shown()]
    return [
        *fields,
        type_text,
        desk.initializer.dice.click,
        on_layers(set_units),
        on_layers(lambda: network.set_activation(chance.choice(("relu", "sigmoid", "linear")))),
        on_layers(lambda: network.set_initializer(chance.choice(sorted(INITIALIZERS)))),
        on_layers(lambda: network.set_shortcut(chance.choice(("none", "scaled", "rezero")))),
        on_layers(lambda: network.set_beside("normalisation", chance.choice(("none", "batch")))),
        on_layers(network.add_layer),
        on_layers(network.duplicate_layers),
        on_layers(lambda: network.repeat_selected(2)),
        on_layers(network.delete_layers),
        on_layers(lambda: network.move_layers(chance.choice((-1, 1)))),
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sixty_edits_undo_to_the_first_and_redo_to_the_last(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    stack, first = desk.document.undo_stack, desk.document.setup
    setups = [first]
    desk.data.details.setVisible(True)
    while stack.count() < 60:
        before = stack.count()
        desk.clock.now += 10.0
        chance.choice(acts(desk, chance))()
        assert stack.count() - before in (0, 1)
        if stack.count() > before:
            assert desk.document.setup != setups[-1]
            setups.append(desk.document.setup)
    texts = [stack.text(index) for index in range(60)]
    assert all(len(text) > 8 for text in texts)
    for setup in reversed(setups[:-1]):
        stack.undo()
        assert desk.document.setup == setup
    assert desk.document.setup == first
    assert desk.network.text.text() == format_layers(first.network.layers)
    for setup in setups[1:]:
        stack.redo()
        assert desk.document.setup == setup
    assert desk.data.form.editor("name").value() == setups[-1].data.name
    assert desk.initializer.seed.value() == setups[-1].network.seed


def test_an_act_says_field_old_and_new_value(desk: Desk) -> None:
    desk.network.table.select([2])
    desk.network.model.setData(desk.network.model.index(3, 1), 48)
    desk.data.form.editor("noise").stepBy(1)
    desk.training.form.editor("batch_size").stepBy(1)
    stack = desk.document.undo_stack
    assert [stack.text(index) for index in range(3)] == [
        "Layer 3 units 30 to 48",
        "Noise 0.05 to 0.06",
        "Batch 32 to 33",
    ]


def test_steps_in_quick_succession_are_one_act(desk: Desk) -> None:
    noise = desk.data.form.editor("noise")
    assert isinstance(noise, NumberField)
    for _ in range(5):
        desk.clock.now += 0.3
        noise.stepBy(1)
    assert desk.document.undo_stack.count() == 1
    assert desk.last_act == "Noise 0.05 to 0.1"
    desk.document.undo_stack.undo()
    assert noise.value() == 0.05
