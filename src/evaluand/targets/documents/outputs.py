"""Outputs of document processors, made from answers of models and endpoints and checked on the way.

Every document engine gives these shapes: an extractor ``{"value", "evidence"}``, a classifier
``{"id", "type", "confidence"}``, a splitter ``{"splits": [...]}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluand.domain.model import Json
from evaluand.models.forced_nulls import without_forced_nulls
from evaluand.targets.documents.class_list import find_class
from evaluand.targets.documents.config_shapes import Classification
from evaluand.targets.documents.schema_check import check_value, mismatch

# Where nobody knows how many pages there are, a bound keeps nonsense out of what is counted.
_MOST_PAGES = 1_000_000


def extraction_output(value: Any, schema: Mapping[str, Any], evidence: Any = None) -> Json:
    """The output of an extractor. Raises BadReply when ``value`` breaks ``schema``.

    Of ``evidence``, by path, confidences from 0 to 1 are taken over and all else is left.
    """
    value = without_forced_nulls(value, schema)
    check_value(value, schema)
    found = evidence if isinstance(evidence, dict) else {}
    confidences = {
        path: {"confidence": told["confidence"]}
        for path, told in found.items()
        if isinstance(told, dict) and _is_share(told.get("confidence"))
    }
    return {"value": value, "evidence": confidences}


def classification_output(reply: Any, classes: Sequence[Classification]) -> Json:
    """The output of a classifier that names a class by ``id``, or by its ``type`` alone.

    An answer without a confidence claims its class outright: 1.0. Raises BadReply for classes
    that do not exist and confidences outside of 0 to 1.
    """
    if not isinstance(reply, dict):
        raise mismatch("", "an object with 'id' or 'type' was expected")
    found = _class_of(reply, reply.get("id"), "id", classes)
    confidence = reply.get("confidence", 1.0)
    if not _is_share(confidence):
        raise mismatch("confidence", f"{str(confidence)[:40]} is not a number from 0 to 1")
    return {"id": found.id, "type": found.type, "confidence": float(confidence)}


def splits_output(
    reply: Any,
    classes: Sequence[Classification],
    *,
    pages: int | None,
    complete: bool,
    overlapping: bool = False,
) -> Json:
    """The output of a splitter, its splits in the order of their pages.

    ``pages`` is how many there are, None when unknown. With ``complete`` every page must belong to
    a split; unless ``overlapping``, to one only. Raises BadReply for unknown classes and for pages
    that are missing, doubled or not there.
    """
    listed = reply.get("splits") if isinstance(reply, dict) else None
    if not isinstance(listed, list):
        raise mismatch("", "an object with a list 'splits' was expected")
    splits = [
        _split(entry, f"splits[{place}]", classes, pages) for place, entry in enumerate(listed)
    ]
    splits.sort(key=lambda split: (split["startPage"], split["endPage"]))
    _check_coverage(splits, pages, complete=complete, overlapping=overlapping)
    return {"splits": splits}


def pages_may_overlap(config: Json) -> bool:
    """Whether a page may end one document and begin the next, as a splitter's config says."""
    advanced = config.get("advancedOptions")
    return isinstance(advanced, Mapping) and advanced.get("pageOverlapEnabled") is True


def _split(
    entry: Any, path: str, classes: Sequence[Classification], pages: int | None
) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise mismatch(path, "an object was expected")
    found = _class_of(entry, entry.get("classificationId"), f"{path}.classificationId", classes)
    start, end = (_page(entry.get(name), f"{path}.{name}") for name in ("startPage", "endPage"))
    if start > end:
        raise mismatch(path, f"it starts on page {start}, after its end on page {end}")
    if pages is not None and end > pages:
        raise mismatch(path, f"it ends on page {end} of a document of {pages} pages")
    identifier, observation = entry.get("identifier"), entry.get("observation")
    return {
        "classificationId": found.id,
        "type": found.type,
        "startPage": start,
        "endPage": end,
        "identifier": str(identifier) if identifier not in (None, "") else None,
        "observation": observation if isinstance(observation, str) else "",
    }


def _check_coverage(
    splits: Sequence[Mapping[str, Any]], pages: int | None, *, complete: bool, overlapping: bool
) -> None:
    covered = 0
    for split in splits:
        start = split["startPage"]
        if start <= covered and not overlapping:
            raise mismatch("splits", f"page {start} belongs to more than one split")
        if start > covered + 1 and complete:
            raise mismatch("splits", f"page {covered + 1} belongs to no split")
        covered = max(covered, split["endPage"])
    if complete and pages is not None and covered < pages:
        raise mismatch("splits", f"page {covered + 1} belongs to no split")


def _class_of(
    reply: Mapping[str, Any], id_: Any, path: str, classes: Sequence[Classification]
) -> Classification:
    found = find_class(classes, id_, reply.get("type"))
    if found is None:
        named = id_ if id_ is not None else reply.get("type")
        known = ", ".join(one.id if id_ is not None else one.type for one in classes)
        raise mismatch(path, f"there is no class '{str(named)[:40]}' among: {known}")
    return found


def _page(value: Any, path: str) -> int:
    whole = type(value) is int or (isinstance(value, float) and value.is_integer())
    if not whole or not 1 <= value <= _MOST_PAGES:
        raise mismatch(path, f"{str(value)[:40]} is not the number of a page")
    return int(value)


def _is_share(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1
