"""Text recognition for scans and photographs, by RapidOCR (its models are inside its wheel)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

from evaluand.documents.layout import Placed, Point, around, place
from evaluand.errors import MissingExtra

# One thread per child: the pool keeps every core busy with its own document.
THREADS = 1
# Lines are read from an image of at most this longer side: an A4 page at 250 dpi, A3 at 180.
MAX_SIDE = 3000
# Lines are looked for in a smaller copy. Measured on degraded pages: 1280 finds as many words as
# 1600 (97 %) in 1.2 instead of 1.6 CPU seconds, and full size finds fewer (94 %) in 2.4.
DETECTION_SIDE = 1280
# Detected boxes are grown beyond the ink; the letters fill about this part of the height.
INK_SHARE = 0.8
# RapidOCR blows shorter sides up, the other side with them: a strip would fill gigabytes.
SHORTEST_SIDE = 64
# Mean certainty of a page read the right way up is 0.99 even when it is degraded, and 0.7 when it
# stands on its head.
UPSIDE_DOWN = 0.85
# A box this much higher than wide holds a line that runs down the page, as RapidOCR reads it.
TALL = 1.5
# The skew is that of the longest lines: short ones are detected with slanted edges.
LINES_FOR_SKEW = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedLine:
    """A line of text, how sure its letters are (0 to 1), and its corners in pixels.

    The corners go clockwise from where the upper edge of the letters begins, so they tell in
    which direction the line runs.
    """

    text: str
    certainty: float
    corners: tuple[Point, Point, Point, Point]

    @property
    def angle(self) -> float:
        """Direction of the line in radians, clockwise from left to right."""
        (x0, y0), (x1, y1) = self.corners[0], self.corners[1]
        return math.atan2(y1 - y0, x1 - x0)

    @property
    def quarter(self) -> int:
        """The direction in quarter turns, clockwise from left to right."""
        return round(self.angle / (math.pi / 2)) % 4

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
            # The classifier turns good lines over (2 % of all words lost); pages that stand on
            # their head are found by their certainty instead.
            "Global.use_cls": False,
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECTION_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": THREADS,
        }
    )


def recognise(pixels: Any) -> list[RecognisedLine]:
    """The lines of text in a grey image (array of height x width), whichever way it is turned."""
    pixels = _padded(pixels)
    lines = _recognise(pixels)
    if not lines or certainty(lines) >= UPSIDE_DOWN:
        return lines
    height, width = pixels.shape[:2]
    turned = _recognise(pixels[::-1, ::-1])
    if certainty(turned) <= certainty(lines):
        return lines
    return [_turned_back(line, width, height) for line in turned]


def _padded(pixels: Any) -> Any:
    """The image with white below and to the right until no side is too short."""
    import numpy

    missing = [(0, max(0, SHORTEST_SIDE - side)) for side in pixels.shape[:2]]
    return numpy.pad(pixels, missing, constant_values=255)


def certainty(lines: Sequence[RecognisedLine]) -> float:
    """Mean certainty of the lines, by letter; 0 without lines."""
    letters = sum(len(line.text) for line in lines)
    return sum(line.certainty * len(line.text) for line in lines) / letters if letters else 0.0


def _recognise(pixels: Any) -> list[RecognisedLine]:
    import numpy

    result = _engine()(numpy.ascontiguousarray(pixels))
    if result.boxes is None or result.txts is None:
        return []
    found = zip(result.txts, result.scores, result.boxes.tolist(), strict=True)
    return [
        RecognisedLine(text=text, certainty=float(score), corners=in_reading_order(corners))
        for text, score, corners in found
    ]


def in_reading_order(corners: Sequence[Sequence[float]]) -> tuple[Point, Point, Point, Point]:
    """Corners from the beginning of the upper edge: RapidOCR reads tall boxes downwards."""
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    tall = math.dist(a, d) >= TALL * math.dist(a, b)
    return (b, c, d, a) if tall else (a, b, c, d)


def _turned_back(line: RecognisedLine, width: int, height: int) -> RecognisedLine:
    a, b, c, d = ((width - x, height - y) for x, y in line.corners)
    return RecognisedLine(text=line.text, certainty=line.certainty, corners=(a, b, c, d))


def placed_words(lines: Sequence[RecognisedLine], scale: float) -> list[tuple[int | None, Placed]]:
    """Words with boxes in points and their direction; ``scale`` is pixels per point.

    Skew is evened out, per direction, so that the words of a printed line share a baseline.
    """
    skews = {q: _skew([x for x in lines if x.quarter == q]) for q in {x.quarter for x in lines}}
    return [
        (line.quarter, word) for line in lines for word in _words(line, scale, skews[line.quarter])
    ]


def _skew(lines: Sequence[RecognisedLine]) -> float:
    """The direction in radians that the longest of these lines share."""
    longest = sorted(lines, key=lambda line: -line.length)[:LINES_FOR_SKEW]
    turn = lines[0].quarter * math.pi / 2
    # Differences to the quarter turn, since angles jump from pi to -pi.
    return turn + median(math.remainder(line.angle - turn, math.tau) for line in longest)


def _words(line: RecognisedLine, scale: float, angle: float) -> list[Placed]:
    """The words of a line, their boxes cut from its box in proportion to their letters."""
    a, b, c, d = ((x / scale, y / scale) for x, y in line.corners)
    size = INK_SHARE * (math.dist(a, d) + math.dist(b, c)) / 2
    words: list[Placed] = []
    end = 0
    for text in line.text.split():
        begin = line.text.index(text, end)
        end = begin + len(text)
        f, g = begin / len(line.text), end / len(line.text)
        quad = (_between(a, b, f), _between(a, b, g), _between(d, c, g), _between(d, c, f))
        middle = 0.5 + INK_SHARE / 2
        words.append(
            place(
                text,
                around(quad),
                begin=_between(quad[0], quad[3], middle),
                end=_between(quad[1], quad[2], middle),
                size=size,
                angle=angle,
            )
        )
    return words


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
