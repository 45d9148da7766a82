from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import blas
from threadpoolctl import threadpool_info, threadpool_limits

from gradstudio.run.threads import VARIABLE, limit_blas_threads


def blas_threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.mark.parametrize(("asked", "threads"), [("", 1), ("2", 2), ("many", 1), ("0", 1)])
def test_every_blas_is_limited(asked: str, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, asked)
    assert blas.sgemm is not None
    assert np.ones(2).sum() == 2
    with threadpool_limits(3, user_api="blas"):
        limit_blas_threads()
        assert blas_threads() == {threads}
