from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gradstudio.nn import optimizer as base
from gradstudio.nn.optimizers import OPTIMIZERS, Optimizer

Floats = NDArray[np.float64]

SETTINGS: dict[str, tuple[float, dict[str, float], dict[str, float]]] = {
    "sgd": (0.05, {}, {}),
    "sgd, decay": (0.05, {}, {"weight_decay": 0.1}),
    "momentum": (0.05, {}, {"momentum": 0.9}),
    "nesterov": (0.05, {}, {"momentum": 0.9}),
    "rmsprop": (0.01, {}, {}),
    "rmsprop, alpha": (0.01, {"alpha": 0.9}, {}),
    "adagrad": (0.05, {"epsilon": 1e-10}, {}),
    "adam": (0.01, {}, {}),
    "adam, decay": (0.01, {}, {"weight_decay": 0.1}),
    "adamw, decay": (0.01, {}, {"weight_decay": 0.1}),
}
"""Learning rate, what the optimizer is made with, what each update is called with."""
WAYS: dict[str, dict[str, float]] = {
    "plain": {},
    "scaled": {"scale": 0.3},
    "cut": {"clip_value": 0.2},
    "decayed": {"weight_decay": 0.1},
    "everything": {"scale": 0.6, "clip_value": 0.5, "weight_decay": 0.02},
}


@pytest.fixture(scope="module")
def reference() -> dict[str, Floats]:
    with np.load(Path(__file__).parents[1] / "reference" / "optimizers.npz") as file:
        return dict(file)


def drawn(*shape: int, dtype: type = np.float64) -> NDArray[Any]:
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


def made(name: str, like: NDArray[Any], **keywords: Any) -> Optimizer:
    return OPTIMIZERS[name](like.shape, like.dtype, **keywords)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("kind", ["seq", "quad"])
def test_a_trajectory_agrees_with_pytorch(
    setting: str, kind: str, reference: dict[str, Floats]
) -> None:
    rate, constants, each = SETTINGS[setting]
    p = reference["p0"].copy()
    g = np.empty_like(p)
    optimizer = made(setting.split(",")[0], p, **constants)
    for given, theirs in zip(reference["G"], reference[f"{setting}/{kind}"], strict=True):
        g[...] = given if kind == "seq" else 0.1 * reference["A"] * p
        optimizer.update(p, g, rate, **each)
        np.testing.assert_allclose(p, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_is_held_against_pytorch(name: str) -> None:
    assert any(setting.split(",")[0] == name for setting in SETTINGS)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("way", WAYS)
def test_the_update_is_the_rate_times_the_direction(name: str, dtype: type, way: str) -> None:
    p, g = drawn(2, 50, dtype=dtype)
    optimizer = made(name, p)
    for _ in range(3):
        before, gradient = p.astype(np.float64), g.copy()
        rate = optimizer.update(p, g, 0.01, momentum=0.9, **WAYS[way])
        direction = g if optimizer.direction is None else optimizer.direction
        np.testing.assert_allclose(p - before, -rate * direction, rtol=1e-3, atol=1e-6)
        np.testing.assert_array_equal(g, gradient)


def test_plain_sgd_goes_along_the_gradient_and_needs_no_buffer() -> None:
    p, g = drawn(2, 50)
    optimizer = made("sgd", p)
    for way, is_turned in (("scaled", False), ("decayed", True), ("plain", False), ("cut", True)):
        optimizer.update(p, g, 0.1, **WAYS[way])
        assert (optimizer.direction is not None) == is_turned
    assert optimizer.state()[1] == ()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_scaling_is_the_same_as_smaller_gradients(name: str) -> None:
    start, g = drawn(2, 20)
    results = []
    for gradient, scale in ((g, 0.25), (0.25 * g, 1.0)):
        p = start.copy()
        optimizer = made(name, p)
        for _ in range(3):
            optimizer.update(p, gradient, 0.1, momentum=0.9, scale=scale)
        results.append(p)
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_cutting_is_the_same_as_gradients_cut_after_scaling(name: str) -> None:
    start, g = drawn(2, 20)
    results = []
    for gradient, how in (
        (g, {"scale": 0.5, "clip_value": 0.3}),
        (np.clip(0.5 * g, -0.3, 0.3), {}),
    ):
        p = start.copy()
        made(name, p).update(p, gradient, 0.1, momentum=0.9, weight_decay=0.1, **how)
        results.append(p)
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12)


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "adamw"])
def test_weight_decay_alone_shrinks_the_weights_by_a_known_factor(name: str) -> None:
    p = drawn(30)
    start, rest = p.copy(), 1.0
    optimizer = made(name, p)
    for _ in range(3):
        optimizer.update(p, np.zeros_like(p), 0.1, momentum=0.0, weight_decay=0.5)
        rest *= 1.0 - 0.1 * 0.5
    np.testing.assert_allclose(p, rest * start, rtol=1e-12)


def test_adam_divides_the_decay_by_its_size_and_adamw_does_not() -> None:
    start, g = drawn(30), np.zeros(30)
    moved = {}
    for name in ("adam", "adamw"):
        p = start.copy()
        made(name, p).update(p, g, 0.1, weight_decay=1e-3)
        moved[name] = start - p
    np.testing.assert_allclose(moved["adam"], 0.1 * np.sign(start), rtol=1e-3)
    np.testing.assert_allclose(moved["adamw"], 1e-4 * start, rtol=1e-9)


# -- parts ---------------------------------------------------------------------------------------


class Witness:
    """Notes what it sees of the parts, and takes norms of them while they pass."""

    def __init__(self, optimizer: Optimizer, p: NDArray[Any]) -> None:
        self.optimizer, self.p = optimizer, p
        self.seen: list[tuple[str, int]] = []
        self.old: list[NDArray[Any]] = []
        self.moved: list[NDArray[Any]] = []

    def before(self, index: int) -> None:
        self.seen.append(("before", index))
        self.old.append(self.p[..., self.optimizer.parts[index]].copy())

    def after(self, index: int) -> None:
        self.seen.append(("after", index))
        part = self.optimizer.parts[index]
        if self.optimizer.direction is not None:
            self.moved.append(self.optimizer.direction[..., part].copy())
        assert not np.array_equal(self.p[..., part], self.old[-1])


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("lanes", [(), (3,)])
def test_parts_are_watched_one_after_the_other(name: str, lanes: tuple[int, ...]) -> None:
    p, g = drawn(2, *lanes, 103)
    parts = (slice(40, 103), slice(0, 7), slice(7, 40))
    optimizer = made(name, p, parts=parts)
    watch = Witness(optimizer, p)
    alone = p.copy()
    start = p.copy()
    rate = optimizer.update(p, g, 0.1, momentum=0.9, weight_decay=0.1, watch=watch)
    assert watch.seen == [(word, i) for i in range(3) for word in ("before", "after")]
    assert optimizer.parts == parts
    for part, old, moved in zip(parts, watch.old, watch.moved, strict=True):
        np.testing.assert_array_equal(old, start[..., part])
        np.testing.assert_allclose(p[..., part], old - rate * moved, rtol=1e-12)
    made(name, alone).update(alone, g, 0.1, momentum=0.9, weight_decay=0.1)
    np.testing.assert_allclose(p, alone, rtol=1e-13)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_buffer_of_many_chunks_is_updated_everywhere(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, g = drawn(2, 103)
    results = []
    for chunk in (10_000, 10):
        monkeypatch.setattr(base, "CHUNK", chunk)
        p = start.copy()
        optimizer = made(name, p)
        optimizer.update(p, g, 0.1, momentum=0.9)
        results.append(p)
        assert optimizer.parts[0].stop == 103
        assert optimizer.parts[-1].start == 0
    np.testing.assert_allclose(results[0], results[1], rtol=1e-14)
    assert not np.any(results[1] == start)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_another_pair_of_buffers_may_come_at_any_time(name: str) -> None:
    start, g = drawn(2, 20)
    one, other = start.copy(), start.copy()
    optimizer = made(name, one)
    state = optimizer.state()
    optimizer.update(one, g, 0.1, momentum=0.9)
    optimizer.restore(state)
    optimizer.update(other, g.copy(), 0.1, momentum=0.9)
    assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [300, 40_000])
def test_lanes_are_updated_as_if_alone(name: str, way: str, size: int) -> None:
    start, g = drawn(2, 2, 3, size, dtype=np.float32)
    together = start.copy()
    optimizer = made(name, together)
    for _ in range(2):
        optimizer.update(together, g, 0.1, momentum=0.9, **WAYS[way])
    for lane in np.ndindex(2, 3):
        alone = start[lane].copy()
        optimizer = made(name, alone)
        for _ in range(2):
            optimizer.update(alone, g[lane], 0.1, momentum=0.9, **WAYS[way])
        assert alone.tobytes() == together[lane].tobytes()


# -- what is remembered --------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("way", WAYS)
def test_state_can_be_put_back(name: str, way: str) -> None:
    p, g = drawn(2, 20)

    def update() -> None:
        optimizer.update(p, g, 0.1, momentum=0.9, **WAYS[way])

    optimizer = made(name, p)
    update()
    state, kept = optimizer.state(), p.copy()
    update()
    ahead = p.copy()
    update()
    optimizer.restore(state)
    p[...] = kept
    update()
    assert p.tobytes() == ahead.tobytes()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_number_of_buffers_is_that_of_the_memory_they_take(name: str) -> None:
    p, g = drawn(2, 200_000)
    tracemalloc.start()
    optimizer = made(name, p)
    optimizer.update(p, g, 0.1)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    scratch = 2 * base.CHUNK * p.itemsize
    assert taken - scratch == pytest.approx(optimizer.buffers * p.nbytes, abs=20_000)
    assert len(optimizer.state()[1]) == optimizer.memory


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("lanes", [(), (2,)])
def test_an_update_allocates_nothing(name: str, way: str, lanes: tuple[int, ...]) -> None:
    p, g = drawn(2, *lanes, 50_000, dtype=np.float32)
    optimizer = made(name, p)
    for _ in range(2):
        optimizer.update(p, g, 1e-3, momentum=0.9, **WAYS[way])
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for step in range(5):
        optimizer.update(p, g, 1e-3 / (step + 1), momentum=0.9, **WAYS[way])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most - before < 8_000
