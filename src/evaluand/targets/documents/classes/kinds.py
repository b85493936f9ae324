"""What is generally known about kinds of documents: their names and their typical phrases.

A user describes a class in a sentence. This table adds what a reader knows without being told: that
a Rechnung is an invoice, that a letter begins with "Dear". It is read once per process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from evaluand.targets.documents.text.phrases import phrase, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of document. ``names``, ``lines`` and the keys of ``cues`` are phrases (see
    ``phrases``); the values say how much a cue tells: 1 over the number of kinds that share it.

    ``lines`` begin lines of their own. ``of`` names the wider kind this one is a case of."""

    name: str
    names: frozenset[str]
    cues: Mapping[str, float]
    lines: frozenset[str] = frozenset()
    of: str | None = None


@cache
def kinds() -> tuple[Kind, ...]:
    """All known kinds of documents."""
    text = files(__package__).joinpath("kinds.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[str, Any]] = yaml.safe_load(text)
    cues = {name: _phrases(entry["cues"]) for name, entry in table.items()}
    shared = Counter(cue for found in cues.values() for cue in found)
    return tuple(
        Kind(
            name=name,
            names=_phrases(entry["names"]),
            cues={cue: 1 / shared[cue] for cue in sorted(cues[name])},
            lines=_phrases(entry.get("lines", ())),
            of=entry.get("of"),
        )
        for name, entry in table.items()
    )


def _phrases(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(phrase(words_of(str(text))) for text in texts)


def kind_named(words: list[str]) -> Kind | None:
    """The kind whose name is the longest one among ``words``; of equals, the last mentioned.

    The last, because names of classes end in their noun: a "contract invoice" is an invoice.
    """
    text = phrase(words)
    best: tuple[int, int, Kind] | None = None
    for kind in kinds():
        for name in kind.names:
            place = text.rfind(name)
            if place >= 0 and (best is None or (len(name.split()), place) > best[:2]):
                best = (len(name.split()), place, kind)
    return best[2] if best else None
