"""The classes a classifier or splitter may choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluand.domain.model import TargetKind
from evaluand.errors import InvalidConfig

CLASS_FIELDS = {
    TargetKind.CLASSIFIER: "classifications",
    TargetKind.SPLITTER: "splitClassifications",
}
"""Under which name a configuration lists its classes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentClass:
    """A class as its user describes it."""

    id: str
    type: str
    description: str = ""
    identifier_key: str | None = None


def classes_of(kind: TargetKind, config: Mapping[str, Any]) -> tuple[DocumentClass, ...]:
    """The classes of a configuration. Raises InvalidConfig when they are missing or unclear."""
    name = CLASS_FIELDS[kind]
    listed = config.get(name)
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise InvalidConfig(
            f"'{name}' must list at least one class with id, type and description",
            field=f"config.{name}",
        )
    classes = tuple(_class(entry, f"config.{name}[{n}]") for n, entry in enumerate(listed))
    ids = [one.id for one in classes]
    doubled = next((one for one in ids if ids.count(one) > 1), None)
    if doubled is not None:
        raise InvalidConfig(
            f"two classes have the id '{doubled}': ids tell classes apart", field=f"config.{name}"
        )
    return classes


def find_class(classes: Sequence[DocumentClass], id_: Any, type_: Any) -> DocumentClass | None:
    """The class of that id, or, without an id, the only one of that type."""
    if id_ is not None:
        return next((one for one in classes if one.id == id_), None)
    of_type = [one for one in classes if one.type == type_]
    return of_type[0] if len(of_type) == 1 else None


def _class(entry: Any, field: str) -> DocumentClass:
    texts = entry if isinstance(entry, Mapping) else {}
    for name in ("id", "type"):
        if not isinstance(texts.get(name), str) or not texts[name]:
            raise InvalidConfig(f"{field} needs a text '{name}'", field=field)
    key = texts.get("identifierKey")
    return DocumentClass(
        id=texts["id"],
        type=texts["type"],
        description=str(texts.get("description") or ""),
        identifier_key=str(key) if key else None,
    )
