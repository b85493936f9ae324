"""A user's classes, made ready to be compared with documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evaluand.errors import InvalidConfig
from evaluand.targets.documents.classes.kinds import Kind, kind_named, kinds
from evaluand.targets.documents.text.phrases import STOP_WORDS, phrase, words_of, words_of_name

_CATCH_ALL_TYPES = frozenset(
    words_of(
        "other misc miscellaneous unknown none rest else unclassified uncategorized uncategorised"
        " undefined andere anderes sonstige sonstiges autre autres otro otros altro altri overig"
        " overige outro outros"
    )
)

_CATCH_ALL_DESCRIPTION = re.compile(
    r"none of the|any ?thing else|everything else|all other|any other (?:document|kind|type)"
    r"|(?:do|does)(?: not|n't) (?:match|fit|belong|fall)"
    r"|keine der|aucune? des|ninguna? de|nessuna? de",
    re.IGNORECASE,
)

_FIRST_CLAUSE = re.compile(r"[,.;:(]|\b(?:not|before|after|without|unlike)\b")
"""Ends the part of a description that says what the class is, not what it is not."""

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassProfile:
    """One class: ``names`` are the phrases a title would use, ``cues`` phrases with the weight of
    finding them, ``lines`` phrases that begin lines, ``text`` is what is embedded. ``kinds`` are
    the known kinds it stands for."""

    id: str
    type: str
    text: str
    names: frozenset[str]
    cues: Mapping[str, float]
    lines: frozenset[str]
    kinds: frozenset[str]
    catch_all: bool
    identifier_key: str | None = None


def profiles_of(classes: object, rules: object, *, field: str) -> tuple[ClassProfile, ...]:
    """The profiles of the classes a config lists under ``field``.

    Sentences of ``rules`` that mention a class's type count as part of its description.

    Raises:
        InvalidConfig: there are no classes, or one lacks its ``id`` or ``type``.
    """
    if not isinstance(classes, Sequence) or isinstance(classes, str) or not classes:
        raise InvalidConfig(
            f"'{field}' must list at least one class with id, type and description", field=field
        )
    sentences = _SENTENCE.split(rules) if isinstance(rules, str) else []
    found = [
        _profile(entry, sentences, field=f"{field}[{index}]") for index, entry in enumerate(classes)
    ]
    served = frozenset().union(*(profile.kinds for profile in found))
    cases = [kind for kind in kinds() if kind.of and kind.name not in served]
    return tuple(
        _widened(profile, [c for c in cases if c.of in profile.kinds]) for profile in found
    )


def _widened(profile: ClassProfile, cases: Sequence[Kind]) -> ClassProfile:
    """``profile`` with kinds that are cases of its own and that no class is meant for."""
    for case in cases:
        profile = replace(
            profile,
            names=profile.names | case.names,
            cues={**case.cues, **profile.cues},
            kinds=profile.kinds | {case.name},
        )
    return profile


def _profile(entry: Any, rules: Sequence[str], *, field: str) -> ClassProfile:
    if not isinstance(entry, Mapping) or not all(
        isinstance(entry.get(key), str) and entry[key].strip() for key in ("id", "type")
    ):
        raise InvalidConfig(f"{field} needs an 'id' and a 'type', both non-empty text", field=field)
    name = words_of_name(entry["type"])
    about = str(entry.get("description") or "")
    said = [about, *(rule for rule in rules if name and phrase(name) in phrase(words_of(rule)))]
    kind = kind_named(name)
    catch_all = _is_catch_all(name, "" if kind else about)
    if kind is None and not catch_all:
        kind = kind_named(words_of(_FIRST_CLAUSE.split(about, maxsplit=1)[0]))
    own = phrase(name)
    return ClassProfile(
        id=entry["id"],
        type=entry["type"],
        text=f"{' '.join(name)}: {' '.join(said)}",
        names=frozenset() if catch_all else (kind.names if kind else frozenset()) | {own},
        cues={} if catch_all else _cues(name, said, kind),
        lines=kind.lines if kind and not catch_all else frozenset(),
        kinds=frozenset({kind.name} if kind else ()),
        catch_all=catch_all,
        identifier_key=entry.get("identifierKey") or None,
    )


def _is_catch_all(name: Sequence[str], about: str) -> bool:
    # "other", "other document": more words would name something, as "other income statement" does.
    by_name = bool(_CATCH_ALL_TYPES.intersection(name)) and len(name) <= 2
    return by_name or bool(_CATCH_ALL_DESCRIPTION.search(about))


_OWN_WORD = 0.3
"""Weight of a single word of a description beside 1 for a phrase that only this kind of document
uses: about three shared words tell as much as one such phrase."""


def _cues(name: Sequence[str], said: Sequence[str], kind: Kind | None) -> dict[str, float]:
    own = [*name, *(word for text in said for word in words_of(text))]
    cues = {phrase([word]): _OWN_WORD for word in own if word not in STOP_WORDS and len(word) > 2}
    return {**cues, **(kind.cues if kind else {})}
