"""Run files: one YAML file that describes set, targets, suite and gate. See examples/README.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluand.cli.gates import Bound, parse_bound
from evaluand.cli.nodes import Node, load
from evaluand.domain.model import Metric, Suite, TargetKind
from evaluand.domain.scoring import default_suite

_NUMBER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSource:
    """An item as the file has it. ``files`` are paths; ``outputs`` are recorded ones, by system."""

    id: str
    files: tuple[Path, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    expected: Mapping[str, Any] | None = None
    outputs: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSource:
    """The evaluation set to be there."""

    name: str
    kind: TargetKind
    items: tuple[ItemSource, ...]
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSource:
    """A version of a target to be there; without a number it gets the next one."""

    target: str
    number: str | None
    description: str | None
    config: Mapping[str, Any]
    place: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """What ``evaluand run`` does: one run for each version, and the gate on the last one."""

    name: str
    set: SetSource
    versions: tuple[VersionSource, ...]
    suite: Suite
    gate: tuple[Bound, ...] = ()
    slices: tuple[str, ...] = ()


def read_run_file(path: Path) -> RunFile:
    """The run file at ``path``. Raises InvalidConfig naming file, place and what to do."""
    root = load(path)
    members = root.members(("set", "targets"), ("name", "suite", "gate", "slices"))
    chosen = _set(members["set"])
    gate = members["gate"].named() if "gate" in members else {}
    return RunFile(
        name=members["name"].text() if "name" in members else chosen.name,
        set=chosen,
        versions=tuple(_version(entry) for entry in members["targets"].entries()),
        suite=_suite(members.get("suite"), chosen.kind),
        gate=tuple(parse_bound(metric, node) for metric, node in gate.items()),
        slices=tuple(entry.text() for entry in _entries(members.get("slices"))),
    )


def read_items(items: Node, kind: TargetKind) -> tuple[ItemSource, ...]:
    """The items of a list; paths of files are relative to the file the list stands in."""
    found: dict[str, ItemSource] = {}
    for entry in items.entries():
        item = _item(entry, kind)
        if item.id in found:
            entry.fail(f"there are two items with the id {item.id!r}. Every item needs its own.")
        found[item.id] = item
    return tuple(found.values())


def _set(node: Node) -> SetSource:
    members = node.members(("name", "kind", "items"), ("description", "where"))
    kind = read_kind(members["kind"])
    where = members["where"].mapping() if "where" in members else {}
    chosen = [
        item
        for item in read_items(members["items"], kind)
        if all(item.metadata.get(name) == value for name, value in where.items())
    ]
    if not chosen:
        members["where"].fail("no item has this metadata. Leave it out to take all items.")
    return SetSource(
        name=members["name"].text(),
        kind=kind,
        items=tuple(chosen),
        description=members["description"].text() if "description" in members else "",
    )


def read_kind(node: Node) -> TargetKind:
    """A kind of target."""
    try:
        return TargetKind(node.value)
    except ValueError:
        node.fail(f"there is no kind {node.value!r}. Choose one of: {', '.join(TargetKind)}.")


def _item(node: Node, kind: TargetKind) -> ItemSource:
    optional = ("id", "files", "inputs", "expected", "output", "outputs", "metadata")
    members = node.members((), optional)
    paths = tuple(_file(entry) for entry in _entries(members.get("files")))
    named = members["id"].text() if "id" in members else None
    objects = {name: members[name].mapping() for name in ("inputs", "metadata") if name in members}
    expected = members["expected"].mapping() if "expected" in members else None
    if "output" in members and "outputs" in members:
        node.fail("has both 'output' and 'outputs'. Keep the one its targets read.")
    recorded = members.get("outputs") or members.get("output")
    return ItemSource(
        id=named or (paths[0].name if paths else node.place.rpartition("[")[2].rstrip("]")),
        files=paths,
        expected=expected_of(kind, expected),
        outputs=None if recorded is None else recorded.mapping(),
        **objects,
    )


def expected_of(kind: TargetKind, expected: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What is expected in the form the core keeps: an extractor's value stands under 'value'."""
    if kind is not TargetKind.EXTRACTOR or expected is None:
        return expected
    wrapped = set(expected) == {"value"} and isinstance(expected["value"], Mapping)
    return expected if wrapped else {"value": expected}


def _entries(node: Node | None) -> list[Node]:
    return [] if node is None or node.value == [] else list(node.entries())


def _file(node: Node) -> Path:
    path = node.file.parent / node.text()
    if not path.is_file():
        node.fail(f"there is no file {str(path)!r}. Paths are relative to the file of items.")
    return path


def _version(node: Node) -> VersionSource:
    members = node.members(("name", "config"), ("version", "description"))
    number = members.get("version")
    if number is not None and not (
        isinstance(number.value, str) and _NUMBER.fullmatch(number.value)
    ):
        number.fail('must be a text such as "1.0" (with quotes: without them 1.10 would be 1.1).')
    return VersionSource(
        target=members["name"].text(),
        number=None if number is None else number.value,
        description=members["description"].text() if "description" in members else None,
        config=members["config"].mapping(),
        place=members["config"],
    )


def _suite(node: Node | None, kind: TargetKind) -> Suite:
    members = {} if node is None else node.members((), ("options", "evaluators"))
    options = members["options"].mapping() if "options" in members else {}
    if "evaluators" not in members:
        return default_suite(kind, options)
    if options:
        members["options"].fail("options belong to the standard evaluator; give 'args' instead.")
    return Suite(metrics=tuple(_metric(entry) for entry in members["evaluators"].entries()))


def _metric(node: Node) -> Metric:
    members = node.members(("name",), ("args", "threshold"))
    threshold = members.get("threshold")
    if threshold is not None and type(threshold.value) not in (int, float):
        threshold.fail("must be a number, such as 0.8.")
    return Metric(
        evaluator=members["name"].text(),
        arguments=members["args"].mapping() if "args" in members else {},
        # Without a threshold an item passes when it is fully right.
        threshold=1.0 if threshold is None else float(threshold.value),
    )
