"""The vocabulary file, loaded once: concepts with their labels, currencies, legal forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from evaluand.targets.documents.baseline.text import fold, key

Kind = Literal[
    "address",
    "boolean",
    "code",
    "currency",
    "date",
    "enum",
    "money",
    "number",
    "party",
    "percent",
    "text",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A thing a document may state. Its words are label keys."""

    id: str
    kind: Kind
    names: tuple[str, ...]
    labels: tuple[str, ...]
    weak: tuple[str, ...] = ()
    inclusive: tuple[str, ...] = ()
    above: bool = False
    magnitude: bool = False
    shares: str | None = None
    unless: tuple[str, ...] = ()
    take_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """All that is known of language; every entry is data of ``vocabulary.yaml``."""

    concepts: Mapping[str, Concept]
    columns: Mapping[str, Concept]
    currencies: Mapping[str, tuple[str, ...]]
    languages: Mapping[str, frozenset[str]]
    legal_forms: tuple[str, ...]
    titles: frozenset[str]
    qualifiers: frozenset[str]
    number_words: frozenset[str]
    honorifics: tuple[str, ...]
    particles: frozenset[str]
    remarks: Mapping[str, tuple[str, ...]]
    yes: frozenset[str] = field(default_factory=frozenset)
    no: frozenset[str] = field(default_factory=frozenset)


def _keys(labels: list[str] | None) -> tuple[str, ...]:
    found = (key(label) for label in labels or ())
    return tuple(dict.fromkeys(label for label in found if label))


def _concept(name: str, entry: dict[str, Any]) -> Concept:
    return Concept(
        id=name,
        kind=entry["kind"],
        names=_keys(entry["names"]),
        labels=_keys(entry["labels"]),
        weak=_keys(entry.get("weak")),
        inclusive=_keys(entry.get("inclusive")),
        above="above" in entry,
        magnitude="magnitude" in entry,
        shares=entry.get("shares"),
        unless=tuple(entry.get("unless", ())),
        take_last=entry.get("take") == "last",
    )


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The one vocabulary; reading it takes some 50 ms, so it is read once per process."""
    raw = yaml.load(
        files(__package__).joinpath("vocabulary.yaml").read_text(encoding="utf-8"),
        # Every scalar stays a string: "no" and "on" are labels here. It builds no objects.
        Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader),  # noqa: S506
    )
    return Vocabulary(
        concepts={name: _concept(name, entry) for name, entry in raw["concepts"].items()},
        columns={name: _concept(name, entry) for name, entry in raw["columns"].items()},
        currencies={code: tuple(signs) for code, signs in raw["currencies"].items()},
        languages={
            code: frozenset(fold(word) for word in words)
            for code, words in raw["languages"].items()
        },
        legal_forms=tuple(raw["legal_forms"]),
        titles=frozenset(_keys(raw["titles"])),
        qualifiers=frozenset(_keys(raw["qualifiers"])),
        number_words=frozenset(_keys(raw["number_words"])),
        honorifics=tuple(raw["honorifics"]),
        particles=frozenset(_keys(raw["particles"])),
        # The longest first, as alternatives of a pattern need it.
        remarks={
            name: tuple(sorted(words, key=lambda word: (-len(word), word)))
            for name, words in raw["remarks"].items()
        },
        yes=frozenset(fold(word) for word in raw["yes"]),
        no=frozenset(fold(word) for word in raw["no"]),
    )
