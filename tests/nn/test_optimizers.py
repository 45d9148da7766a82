from __future__ import annotations

import numpy as np
import pytest

from gradstudio.nn import optimizers
from gradstudio.nn.optimizers import OPTIMIZERS

RATES = {"sgd": 0.05, "momentum": 0.05, "adam": 0.01}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_updates_agree_with_pytorch(name: str, reference: dict) -> None:
    p = reference["optimizers/p0"].copy()
    optimizer = OPTIMIZERS[name](p.shape, p.dtype)
    for gradient, theirs in zip(
        reference["optimizers/G"], reference[f"optimizers/{name}"], strict=True
    ):
        optimizer.update(p, gradient.copy(), RATES[name], momentum=0.9)
        np.testing.assert_allclose(p, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_update_is_the_rate_times_the_direction(name: str, dtype: type) -> None:
    rng = np.random.default_rng(0)
    p, g = rng.normal(size=(2, 50)).astype(dtype)
    before = p.astype(np.float64)
    optimizer = OPTIMIZERS[name](p.shape, dtype)
    rate = optimizer.update(p, g, 0.01, momentum=0.9, scale=0.5)
    direction = g if optimizer.direction is None else optimizer.direction
    np.testing.assert_allclose(p - before, -rate * direction, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_scaling_is_the_same_as_smaller_gradients(name: str) -> None:
    rng = np.random.default_rng(0)
    start, g = rng.normal(size=(2, 20))
    results = []
    for gradient, scale in ((g, 0.25), (0.25 * g, 1.0)):
        p = start.copy()
        optimizer = OPTIMIZERS[name](p.shape, p.dtype)
        for _ in range(3):
            optimizer.update(p, gradient, 0.1, momentum=0.9, scale=scale)
        results.append(p)
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_buffer_of_many_chunks_is_updated_everywhere(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    start, g = rng.normal(size=(2, 103))
    results = []
    for chunk in (10_000, 10):
        monkeypatch.setattr(optimizers, "CHUNK", chunk)
        p = start.copy()
        OPTIMIZERS[name](p.shape, p.dtype).update(p, g, 0.1, momentum=0.9)
        results.append(p)
    np.testing.assert_allclose(results[0], results[1], rtol=1e-14)
    assert not np.any(results[1] == start)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_state_can_be_put_back(name: str) -> None:
    rng = np.random.default_rng(0)
    p, g = rng.normal(size=(2, 20))
    optimizer = OPTIMIZERS[name](p.shape, p.dtype)
    optimizer.update(p, g, 0.1, momentum=0.9)
    state, kept = optimizer.state(), p.copy()
    optimizer.update(p, g, 0.1, momentum=0.9)
    ahead = p.copy()
    optimizer.update(p, g, 0.1, momentum=0.9)
    optimizer.restore(state)
    p[...] = kept
    optimizer.update(p, g, 0.1, momentum=0.9)
    assert p.tobytes() == ahead.tobytes()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_lanes_are_updated_as_if_alone(name: str) -> None:
    rng = np.random.default_rng(0)
    start, g = rng.normal(size=(2, 2, 3, 40)).astype(np.float32)
    together = start.copy()
    OPTIMIZERS[name](together.shape, together.dtype).update(together, g, 0.1, momentum=0.9)
    for lane in np.ndindex(2, 3):
        alone = start[lane].copy()
        OPTIMIZERS[name](alone.shape, alone.dtype).update(alone, g[lane], 0.1, momentum=0.9)
        assert alone.tobytes() == together[lane].tobytes()
