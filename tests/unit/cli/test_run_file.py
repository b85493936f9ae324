"""Run files: what they describe, and what is told of those that describe nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from evaluand.cli.run_file import read_run_file
from evaluand.domain.model import Metric, TargetKind
from evaluand.errors import InvalidConfig

ITEMS = [
    {
        "id": "one",
        "files": ["docs/one.txt"],
        "expected": {"total": 1},
        "metadata": {"layout": "A"},
    },
    {"id": "two", "expected": {"value": {"total": 2}}, "metadata": {"layout": "B"}},
]
RUN: dict[str, Any] = {
    "set": {"name": "Invoices", "kind": "extractor", "items": {"file": "items.jsonl"}},
    "targets": [{"name": "Reader", "version": "1.0", "config": {"schema": {"type": "object"}}}],
}


def _written(folder: Path, run: dict[str, Any], items: list[dict[str, Any]] | None = None) -> Path:
    (folder / "docs").mkdir()
    (folder / "docs" / "one.txt").write_text("Total 1")
    lines = [json.dumps(item) for item in (ITEMS if items is None else items)]
    (folder / "items.jsonl").write_text("\n".join(lines))
    path = folder / "run.yaml"
    path.write_text(yaml.safe_dump(run))
    return path


def test_a_run_file_is_read(tmp_path: Path) -> None:
    described = read_run_file(_written(tmp_path, {**RUN, "gate": {"accuracy": ">= 0.5"}}))

    one, two = described.set.items
    (version,) = described.versions
    assert described.name == "Invoices"
    assert described.set.kind is TargetKind.EXTRACTOR
    assert one.files == (tmp_path / "docs" / "one.txt",)
    assert one.expected == {"value": {"total": 1}}
    assert two.expected == {"value": {"total": 2}}, "already in the form the core keeps"
    assert (version.target, version.number) == ("Reader", "1.0")
    assert [str(bound) for bound in described.gate] == ["accuracy >= 0.5"]
    assert [metric.evaluator for metric in described.suite.metrics] == ["field_accuracy"]


def test_only_items_with_the_metadata_asked_for_are_taken(tmp_path: Path) -> None:
    run = {**RUN, "set": {**RUN["set"], "where": {"layout": "B"}}}

    described = read_run_file(_written(tmp_path, run))

    assert [item.id for item in described.set.items] == ["two"]


def test_an_item_without_an_id_has_its_file_s_name_or_its_number(tmp_path: Path) -> None:
    items = [{"files": ["docs/one.txt"]}, {"expected": {}}]

    described = read_run_file(_written(tmp_path, RUN, items))

    assert [item.id for item in described.set.items] == ["one.txt", "1"]


def test_evaluators_are_taken_with_arguments_and_threshold(tmp_path: Path) -> None:
    suite = {
        "evaluators": [{"name": "exact_match"}, {"name": "f", "args": {"a": 1}, "threshold": 0}]
    }
    run = {**RUN, "suite": suite}

    described = read_run_file(_written(tmp_path, run))

    assert described.suite.metrics == (
        Metric(evaluator="exact_match", threshold=1.0),
        Metric(evaluator="f", arguments={"a": 1}, threshold=0.0),
    )


def test_options_reach_the_standard_evaluator(tmp_path: Path) -> None:
    run = {**RUN, "suite": {"options": {"excludeFields": ["total"]}}}

    described = read_run_file(_written(tmp_path, run))

    assert described.suite.metrics[0].arguments == {"excludeFields": ["total"]}


def _changed(place: str, value: Any) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(json.dumps(RUN))
    *parents, last = place.split(".")
    holder: Any = run
    for name in parents:
        holder = holder[int(name)] if name.isdigit() else holder[name]
    holder[last] = value
    return run


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (
            "set.kind",
            "extracter",
            "set.kind: there is no kind 'extracter'. Choose one of: extractor",
        ),
        ("set.name", "", "set.name: must be a text, not ''."),
        ("set.where", {"layout": "Z"}, "set.where: no item has this metadata"),
        ("targets", [], "targets: must be a list with at least one entry"),
        ("targets.0.version", 1.0, 'targets[0].version: must be a text such as "1.0"'),
        ("targets.0.version", "one", 'targets[0].version: must be a text such as "1.0"'),
        ("targets.0.config", None, "targets[0].config: must be an object, not nothing."),
        ("targets.0.confg", {}, "targets[0]: there is no member 'confg'; did you mean 'config'?"),
        ("gate", {"accuracy": 0.5}, "gate.accuracy: must be a text such as '>= 0.5', not 0.5."),
        ("suite", {"evaluator": []}, "suite: there is no member 'evaluator'; did you mean"),
        (
            "suite",
            {"evaluators": [{"name": "f", "threshold": "high"}]},
            "suite.evaluators[0].threshold: must be a number, such as 0.8.",
        ),
        (
            "suite",
            {"options": {"a": 1}, "evaluators": [{"name": "f"}]},
            "suite.options: options belong to the standard evaluator",
        ),
        ("slices", [1], "slices[0]: must be a text, not 1."),
    ],
)
def test_a_wrong_member_is_told_with_file_place_and_fix(
    tmp_path: Path, place: str, value: Any, told: str
) -> None:
    path = _written(tmp_path, _changed(place, value))

    with pytest.raises(InvalidConfig) as error:
        read_run_file(path)

    assert error.value.message.startswith(f"{path}: {told}")


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({"files": ["none.pdf"]}, r"\[0\]\.files\[0\]: there is no file '.*none\.pdf'"),
        ({"id": 7}, r"\[0\]\.id: must be a text, not 7"),
        ({"expectd": {}}, r"\[0\]: there is no member 'expectd'; did you mean 'expected'"),
        ({"output": {}, "outputs": {}}, r"\[0\]: has both 'output' and 'outputs'"),
    ],
)
def test_a_wrong_item_is_told_with_its_place(
    tmp_path: Path, item: dict[str, Any], told: str
) -> None:
    path = _written(tmp_path, RUN, [item])

    with pytest.raises(InvalidConfig, match=told) as error:
        read_run_file(path)

    assert error.value.message.startswith(str(tmp_path / "items.jsonl"))


def test_two_items_with_one_id_are_told(tmp_path: Path) -> None:
    path = _written(tmp_path, RUN, [{"id": "a"}, {"id": "a"}])

    with pytest.raises(InvalidConfig, match=r"\[1\]: there are two items with the id 'a'"):
        read_run_file(path)


@pytest.mark.parametrize("name", ["invoices/invoices", "mixed/classify", "mixed/split", "qa/qa"])
def test_the_examples_are_run_files(name: str) -> None:
    described = read_run_file(Path(__file__).parents[3] / "examples" / f"{name}.yaml")

    assert described.set.items
    assert described.versions
