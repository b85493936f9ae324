"""The classes a classifier or splitter may choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from evaluand.domain.model import Json, TargetKind
from evaluand.errors import InvalidConfig
from evaluand.targets.documents.checks import check_config
from evaluand.targets.documents.config_shapes import Classification

_MEMBERS = {
    TargetKind.CLASSIFIER: "classifications",
    TargetKind.SPLITTER: "splitClassifications",
}


def classes_of(kind: TargetKind, config: Json) -> tuple[Classification, ...]:
    """The classes of a configuration. Raises InvalidConfig when they are missing or unclear."""
    check_config(kind, config)
    member = _MEMBERS[kind]
    classes = msgspec.convert(config.get(member) or (), tuple[Classification, ...])
    if not classes:
        raise InvalidConfig(
            f"'{member}' must list at least one class with id, type and description",
            field=f"config.{member}",
        )
    return classes


def find_class(classes: Sequence[Classification], id_: Any, type_: Any) -> Classification | None:
    """The class of that id, or, without an id, the only one of that type."""
    if id_ is not None:
        return next((one for one in classes if one.id == id_), None)
    of_type = [one for one in classes if one.type == type_]
    return of_type[0] if len(of_type) == 1 else None
