"""Whether the configuration of an extractor, classifier or splitter can work at all.

The form is Extend's: its members, its schema rules. What is wrong is said with the rule that is
broken and the place in the configuration, as in ``… Path: schema.properties.name``. Members that
nobody knows are left alone, and so is an empty configuration: it is a draft still to be written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from evaluand.domain.model import Json, TargetKind
from evaluand.targets.documents.config_shapes import (
    Classification,
    ClassifyConfig,
    ExtractConfig,
    SplitConfig,
)
from evaluand.targets.documents.schema_rules import broken, check_schema

_PLACE = re.compile(r"^(?P<problem>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)
_SHAPES: dict[TargetKind, type[ExtractConfig | ClassifyConfig | SplitConfig]] = {
    TargetKind.EXTRACTOR: ExtractConfig,
    TargetKind.CLASSIFIER: ClassifyConfig,
    TargetKind.SPLITTER: SplitConfig,
}


def check_config(kind: TargetKind, config: Json) -> None:
    """Raises InvalidConfig when ``config`` breaks a rule for targets of this kind."""
    shape = _SHAPES.get(kind)
    if shape is None or not config:
        return
    settings = _converted(shape, config)
    if isinstance(settings, ExtractConfig):
        _check_extraction(config)
    elif isinstance(settings, ClassifyConfig):
        _check_classes(settings.classifications, "classifications")
    else:
        _check_classes(settings.split_classifications, "splitClassifications")


def check_ready(kind: TargetKind, config: Json) -> None:
    """Raises InvalidConfig while ``config`` does not say what is to be found: nothing can run."""
    if kind is TargetKind.EXTRACTOR:
        schema = config.get("schema") or {}
        if not schema.get("properties"):
            raise broken("Give the extractor a schema with fields before it runs.", "schema")
        return
    member = "classifications" if kind is TargetKind.CLASSIFIER else "splitClassifications"
    if kind in _SHAPES and not config.get(member):
        raise broken(f"Give the {kind} classes before it runs.", member)


def _converted(
    shape: type[ExtractConfig | ClassifyConfig | SplitConfig], config: Json
) -> ExtractConfig | ClassifyConfig | SplitConfig:
    try:
        return msgspec.convert(config, shape)
    except msgspec.ValidationError as error:
        found = _PLACE.match(str(error))
        problem, path = (found["problem"], found["path"]) if found else (str(error), None)
        raise broken(f"{problem}.", path or "config") from error


def _check_extraction(config: Json) -> None:
    schema: Any = config.get("schema")
    if schema is None and "fields" in config:
        raise broken(
            "A list of 'fields' is the form of older API versions. Give a JSON Schema as 'schema'.",
            "fields",
        )
    if schema:
        check_schema(schema)


def _check_classes(classes: Sequence[Classification], member: str) -> None:
    places: dict[str, int] = {}
    for place, entry in enumerate(classes):
        for name, text in (("id", entry.id), ("type", entry.type)):
            if not text.strip():
                raise broken(f"A class needs a non-empty '{name}'.", f"{member}[{place}].{name}")
        first = places.setdefault(entry.id, place)
        if first != place:
            raise broken(
                f"Class ids must be unique: {entry.id!r} is the id of {member}[{first}] too.",
                f"{member}[{place}].id",
            )
