"""How many threads BLAS may use while a network trains beside a window."""

from __future__ import annotations

import os
from typing import Final

BLAS_THREADS: Final = 1
VARIABLE: Final = "OPENBLAS_NUM_THREADS"


def limit_blas_threads() -> None:
    """Keep every BLAS that is loaded to one thread, or to what the user has set.

    With as many threads as cores they spin while they wait for each other, and the window needs a
    core too: 64-128x10-10 then falls to a tenth of its speed or less. The variable is read by
    OpenBLAS only when it is loaded, which may have been long before.
    """
    from threadpoolctl import threadpool_limits

    asked = os.environ.get(VARIABLE, "")
    threads = int(asked) if asked.isdecimal() and int(asked) > 0 else BLAS_THREADS
    threadpool_limits(threads, user_api="blas")
