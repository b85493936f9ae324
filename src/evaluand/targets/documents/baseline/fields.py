"""From a property of the schema to a query: what may be printed as its label, what a value is.

A property is recognised as a known concept by its name, its title or its description; then the
concept's labels in all languages serve it. Every other property is searched by its own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from evaluand.targets.documents.baseline.schema import Leaf
from evaluand.targets.documents.baseline.text import key
from evaluand.targets.documents.baseline.vocabulary import Concept, Kind

# Words that name the form of a value rather than its meaning; labels often leave them out.
_GENERIC = frozenset(
    (
        *("number", "no", "nr", "id", "name", "date", "on", "at", "code", "value", "the", "of"),
        *("amount", "text", "field", "as", "printed", "total", "is"),
    )
)
# How sure a recognition is: the author's exact words; all words of a concept among them; the last
# word alone, which often is qualified by those before it.
_EXACT, _ALL_WORDS, _LAST_WORD = 1.0, 0.9, 0.6
# Below this the words are the author's own business, not a concept's.
_UNSURE = 0.5
# What a label is worth: the author's own words, the concept's, ambiguous ones, shortened ones.
_OWN, _LABEL, _WEAK, _SHORT = 1.0, 0.95, 0.55, 0.75
_QUOTED = re.compile(r"[\"“'\u2018«„]([^\"”'\u2019»“]{2,40})[\"”'\u2019»“]")
_NUMERIC: frozenset[Kind] = frozenset({"money", "number", "percent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A leaf to be found: its kind of value, and label keys with what each is worth (0 to 1)."""

    leaf: Leaf
    kind: Kind
    concept: Concept | None
    phrases: Mapping[str, float]

    @property
    def concept_id(self) -> str:
        """The concept's id, or an empty string."""
        return self.concept.id if self.concept else ""


def query(leaf: Leaf, concepts: Mapping[str, Concept]) -> Query:
    """The query for ``leaf`` among ``concepts`` (those of a document, or those of a table)."""
    concept, certainty = recognised(leaf, concepts)
    kind = _kind(leaf, concept)
    return Query(leaf=leaf, kind=kind, concept=concept, phrases=_phrases(leaf, concept, certainty))


def recognised(leaf: Leaf, concepts: Mapping[str, Concept]) -> tuple[Concept | None, float]:
    """The concept ``leaf`` means and how sure that is (0 to 1)."""
    fitting = [concept for concept in concepts.values() if _fits(leaf, concept)]
    best: tuple[float, int, Concept | None] = (_UNSURE, 0, None)
    for words, share in _namings(leaf):
        for concept in fitting:
            for name in concept.names:
                certainty = _certainty(words, name) * share
                if leaf.type == "string" and concept.kind in _NUMERIC:
                    # A number as a string is possible, but an odd choice of its author.
                    certainty *= 0.55
                if (certainty, len(name)) > best[:2]:
                    best = (certainty, len(name), concept)
    return best[2], best[0] if best[2] else 0.0


def _namings(leaf: Leaf) -> Iterator[tuple[str, float]]:
    """What the author calls the leaf, with how much each way of saying it counts."""
    yield key(leaf.words), 1.0
    yield key(leaf.name), 0.97
    if leaf.title:
        yield key(leaf.title), 0.96
    head = re.split(r"[.;,(:]| e\.g", leaf.description, maxsplit=1)[0]
    if head:
        yield key(re.sub(r"^(?:the|a|an)\s", "", head, flags=re.IGNORECASE)), 0.95


def _certainty(words: str, name: str) -> float:
    if words == name:
        return _EXACT
    ours, theirs = words.split(), name.split()
    if len(theirs) > 1:
        # 90: room for a plural or a typing slip, not for another word.
        if fuzz.token_sort_ratio(words, name) >= 90:
            return _EXACT - 0.02
        return _ALL_WORDS if set(theirs) <= set(ours) and len(ours) <= 8 else 0.0
    return _LAST_WORD if ours and ours[-1] == name and len(ours) <= 3 else 0.0


def _fits(leaf: Leaf, concept: Concept) -> bool:
    if leaf.type == "boolean" or leaf.options:
        return False
    if leaf.shape == "money":
        return concept.kind == "money"
    if leaf.type in ("number", "integer"):
        return concept.kind in _NUMERIC
    return concept.kind == "date" or not leaf.is_date


def _kind(leaf: Leaf, concept: Concept | None) -> Kind:
    if leaf.type == "boolean":
        return "boolean"
    if leaf.options:
        return "enum"
    if leaf.shape == "money":
        return "money"
    if leaf.is_date:
        return "date"
    numeric = leaf.type in ("number", "integer")
    if concept:
        return concept.kind
    words = set(key(f"{leaf.words} {leaf.title}").split())
    if numeric:
        return "percent" if words & {"rate", "percent", "percentage", "share"} else "number"
    if words & {"date", "datum", "fecha"}:
        return "date"
    return "code" if words & {"number", "no", "id", "code", "reference", "ref"} else "text"


def _phrases(leaf: Leaf, concept: Concept | None, certainty: float) -> dict[str, float]:
    weighted: list[tuple[str, float]] = [(leaf.words, _OWN), (leaf.name, _OWN), (leaf.title, _OWN)]
    weighted += [(quote, _OWN) for quote in _QUOTED.findall(leaf.description)]
    for words in (leaf.words, leaf.name):
        short = " ".join(word for word in key(words).split() if word not in _GENERIC)
        weighted.append((short, _SHORT))
    if concept:
        weighted += [(label, _LABEL * certainty) for label in concept.labels]
        # Single words of the author's vocabulary ("bank", "store") are no labels by themselves.
        weighted += [(name, _LABEL * certainty * 0.95) for name in concept.names if " " in name]
        weighted += [(label, _LABEL * certainty) for label in concept.inclusive]
        weighted += [(label, _WEAK * certainty) for label in concept.weak]
    else:
        head = re.split(r"[.;,(:]", leaf.description, maxsplit=1)[0]
        # A description of a few words is a label in waiting; a sentence is not.
        if 0 < len(head.split()) <= 4:
            weighted.append((head, _SHORT))
    phrases: dict[str, float] = {}
    for words, weight in weighted:
        label = key(words)
        # A bare generic word is a label only where the vocabulary says so, as a weak one.
        if not label or (weight in (_OWN, _SHORT) and label in _GENERIC and concept):
            continue
        phrases[label] = max(weight, phrases.get(label, 0.0))
    return phrases
