"""PNG bytes of an array of pixels, without an imaging library."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import numpy as np
from numpy.typing import NDArray


def png_bytes(rgba: NDArray[np.uint8]) -> bytes:
    """Encode an image of shape (height, width, 4), rows from the top.

    References
    ----------
    W3C, "Portable Network Graphics (PNG) Specification": 8 bits per channel, colour type 6,
    every row with filter 0.
    """
    height, width, _ = rgba.shape
    rows = np.zeros((height, 1 + 4 * width), dtype=np.uint8)
    rows[:, 1:] = rgba.reshape(height, 4 * width)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def data_uri(rgba: NDArray[np.uint8]) -> str:
    """Write an image as an address that holds it."""
    return "data:image/png;base64," + b64encode(png_bytes(rgba)).decode("ascii")


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
