"""Text recognition for scans and photographs, by RapidOCR (its models are inside its wheel)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

from evaluand.documents.layout import Placed
from evaluand.domain.documents import Box
from evaluand.errors import MissingExtra

# One thread per child: the pool keeps every core busy with its own document.
THREADS = 1
# RapidOCR shrinks longer sides to this before it looks for text, so we never render more.
MAX_SIDE = 2000
# Detected boxes are grown beyond the ink; the letters fill about this part of the height.
INK_SHARE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedLine:
    """A line of text and its four corners in pixels, clockwise from the upper left."""

    text: str
    corners: tuple[tuple[float, float], ...]

    @property
    def angle(self) -> float:
        """Slope of the upper edge in radians; positive falls to the right."""
        (x0, y0), (x1, y1) = self.corners[0], self.corners[1]
        return math.atan2(y1 - y0, x1 - x0)

    @property
    def length(self) -> float:
        return math.dist(self.corners[0], self.corners[1])


@cache
def _engine() -> Any:
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise MissingExtra.named("documents", "reading scans and images") from error
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.max_side_len": MAX_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": THREADS,
        }
    )


def recognise(pixels: Any) -> list[RecognisedLine]:
    """The lines of text in an image (array of height x width, grey, or x 3)."""
    result = _engine()(pixels)
    if result.boxes is None or result.txts is None:
        return []
    return [
        RecognisedLine(text=text, corners=tuple((float(x), float(y)) for x, y in corners))
        for text, corners in zip(result.txts, result.boxes, strict=True)
    ]


def placed_words(lines: Sequence[RecognisedLine], scale: float) -> list[Placed]:
    """Words with boxes in points; ``scale`` is pixels per point. The skew of the page is evened."""
    if not lines:
        return []
    skew = median(line.angle for line in sorted(lines, key=lambda line: -line.length)[:20])
    return [word for line in lines for word in _words(line, scale, skew)]


def _words(line: RecognisedLine, scale: float, skew: float) -> list[Placed]:
    words: list[Placed] = []
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = ((x / scale, y / scale) for x, y in line.corners)
    size = INK_SHARE * (math.dist((ax, ay), (dx, dy)) + math.dist((bx, by), (cx, cy))) / 2
    position = 0
    for text in line.text.split():
        start = line.text.index(text, position)
        position = start + len(text)
        f0, f1 = start / len(line.text), position / len(line.text)
        x0, x1 = ax + (bx - ax) * f0, ax + (bx - ax) * f1
        middle = (f0 + f1) / 2
        top, bottom = ay + (by - ay) * middle, dy + (cy - dy) * middle
        centre = (top + bottom) / 2 - math.tan(skew) * (x0 + x1) / 2
        words.append(
            Placed(
                text=text,
                box=Box(x0, top, x1, bottom),
                x0=x0,
                x1=x1,
                baseline=centre + size / 2,
                size=size,
            )
        )
    return words
