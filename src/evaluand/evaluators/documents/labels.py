"""Which class a classifier or splitter means: classes are compared by id and reported by type.

A class keeps its id when its type is renamed, so the configuration's word for an id is the one
that counts; several ids may share a type and are then reported together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

UNNAMED = ""
"""The type under which a class is reported that neither the truth nor the config names."""


class Label(NamedTuple):
    """A class: what it is compared by and what it is reported under."""

    id: str
    type: str


@dataclass(frozen=True, slots=True)
class ClassBook:
    """The classes of a processor's configuration."""

    type_of: Mapping[str, str]
    id_of: Mapping[str, str]

    @classmethod
    def of(cls, classes: Any) -> ClassBook:
        """Read a list of ``{"id", "type"}``; entries of another shape name no class."""
        entries = [entry for entry in classes or () if isinstance(entry, dict)]
        pairs = [(entry.get("id"), entry.get("type")) for entry in entries]
        type_of = {
            key: kind for key, kind in pairs if isinstance(key, str) and isinstance(kind, str)
        }
        return cls(type_of, {kind: key for key, kind in reversed(type_of.items())})

    @property
    def types(self) -> tuple[str, ...]:
        """The types in the configuration's order, each once."""
        return tuple(dict.fromkeys(self.type_of.values()))

    def label(self, key: Any, kind: Any) -> Label | None:
        """The class with this id and type; with a type only, the first class of that type.

        None if there is neither: then no class was named.
        """
        kind = kind if isinstance(kind, str) else None
        if not isinstance(key, str):
            if kind is None:
                return None
            key = self.id_of.get(kind, kind)
        return Label(key, self.type_of.get(key, kind if kind is not None else UNNAMED))
