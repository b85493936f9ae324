"""What a run file describes comes into the workspace once, and nothing there is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluand.cli.importing import Imported, Importer
from evaluand.cli.nodes import Node
from evaluand.cli.run_file import ItemSource, SetSource, VersionSource
from evaluand.domain.model import TargetKind, TargetSummary
from evaluand.errors import InvalidConfig
from evaluand.testing.builders import a_principal, a_workspace
from evaluand.testing.core import build_core
from evaluand.testing.stores import memory_store

KIND = TargetKind.EXTRACTOR


@pytest.fixture
def importer(tmp_path: Path) -> Iterator[Importer]:
    with memory_store(tmp_path) as store:
        core = build_core(store, tmp_path / "blobs")
        yield Importer(core.services, a_principal(a_workspace(store)))


def _version(number: str | None = "1.0", **config: Any) -> VersionSource:
    place = Node(None, Path("run.yaml"), "targets[0].config")
    return VersionSource(
        target="Reader", number=number, description=None, config=config, place=place
    )


def _item(name: str, total: int = 1, *files: Path) -> ItemSource:
    return ItemSource(id=name, files=files, expected={"value": {"total": total}})


def _source(*items: ItemSource) -> SetSource:
    return SetSource(name="Invoices", kind=KIND, items=items)


def _bring(importer: Importer, *items: ItemSource) -> Imported:
    target = importer.target(KIND, _version())
    return asyncio.run(importer.set(_source(*items), target))


@pytest.fixture
def target(importer: Importer) -> TargetSummary:
    return importer.target(KIND, _version())


# ── Targets and versions ─────────────────────────────────────────────────────────────────────────


def test_a_target_is_made_once(importer: Importer, target: TargetSummary) -> None:
    assert importer.target(KIND, _version(other=1)) == target


def test_a_target_of_another_kind_may_have_the_same_name(
    importer: Importer, target: TargetSummary
) -> None:
    assert importer.target(TargetKind.CLASSIFIER, _version()).id != target.id


def test_a_version_is_published_once(importer: Importer, target: TargetSummary) -> None:
    first = importer.version(target, _version("1.0", a=1))

    assert first.number == "1.0"
    assert importer.version(target, _version("1.0", a=1)).id == first.id


def test_numbers_follow_each_other(importer: Importer, target: TargetSummary) -> None:
    wanted = ["1.0", "1.1", "2.0", "2.1"]

    made = [importer.version(target, _version(number, n=number)).number for number in wanted]

    assert made == wanted


def test_a_published_version_never_changes(importer: Importer, target: TargetSummary) -> None:
    importer.version(target, _version("1.0", a=1))

    with pytest.raises(InvalidConfig) as error:
        importer.version(target, _version("1.0", a=2))

    assert error.value.message == (
        "run.yaml: targets[0].config: version 1.0 of 'Reader' was published with another "
        "configuration, and published versions never change. Give this one the next number, or "
        "leave 'version' out. Published: 1.0."
    )


@pytest.mark.parametrize(("number", "following"), [("3.0", "2.0"), ("1.2", "1.1"), ("2.1", "1.1")])
def test_no_number_is_left_out(
    importer: Importer, target: TargetSummary, number: str, following: str
) -> None:
    importer.version(target, _version("1.0", a=1))

    with pytest.raises(InvalidConfig, match=f"the next version of 'Reader' is {following}, not"):
        importer.version(target, _version(number, a=2))

    assert [each.number for each in importer.published(target)] == ["1.0"]


def test_without_a_number_the_same_configuration_is_found_again(
    importer: Importer, target: TargetSummary
) -> None:
    numbers = [importer.version(target, _version(None, a=n)).number for n in (1, 2, 1, 2)]

    assert numbers == ["1.0", "2.0", "1.0", "2.0"]


# ── Sets and items ───────────────────────────────────────────────────────────────────────────────


def test_a_set_comes_in_whole(importer: Importer) -> None:
    done = _bring(importer, _item("a"), _item("b", 2))

    names = [item.content.metadata["id"] for item in importer.items_of(done.set)]
    assert (done.added, done.changed, done.set.version) == (2, 0, 1)
    assert sorted(names) == ["a", "b"]


def test_the_very_same_items_change_nothing(importer: Importer, tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text("Total 1")
    first = _bring(importer, _item("a", 1, path))

    again = _bring(importer, _item("a", 1, path))

    assert again == first._replace(added=0)


def test_a_changed_item_keeps_its_id(importer: Importer) -> None:
    first = _bring(importer, _item("a"), _item("b"))

    again = _bring(importer, _item("a", 7), _item("b"))

    assert (again.added, again.changed) == (0, 1)
    assert again.items == first.items
    totals = {
        item.content.metadata["id"]: (item.content.expected or {})["value"]["total"]
        for item in importer.items_of(again.set)
    }
    assert totals == {"a": 7, "b": 1}


def test_a_changed_document_is_a_changed_item(importer: Importer, tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text("Total 1")
    _bring(importer, _item("a", 1, path))
    path.write_text("Total 2")

    again = _bring(importer, _item("a", 1, path))

    (item,) = importer.items_of(again.set)
    assert again.changed == 1
    assert len(item.content.files) == 1


def test_what_the_file_no_longer_names_stays_but_is_not_run(importer: Importer) -> None:
    _bring(importer, _item("a"), _item("b"))

    again = _bring(importer, _item("b"), _item("c"))

    names = {item.id: item.content.metadata["id"] for item in importer.items_of(again.set)}
    assert sorted(names.values()) == ["a", "b", "c"]
    assert [names[item] for item in again.items] == ["b", "c"]


def test_one_document_of_two_items_is_stored_once(importer: Importer, tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text("Total 1")

    done = _bring(importer, _item("a", 1, path), _item("b", 1, path))

    files = {item.content.files[0].id for item in importer.items_of(done.set)}
    assert len(files) == 1


def test_more_items_than_a_page_holds_are_found_again(importer: Importer) -> None:
    items = [_item(f"item {number}") for number in range(450)]
    _bring(importer, *items)

    again = _bring(importer, *items)

    assert (again.added, again.changed, len(again.items)) == (0, 0, 450)


def test_recorded_outputs_come_along(importer: Importer) -> None:
    outputs = {"a": {"answer": "yes"}, "b": {"answer": "no"}}

    done = _bring(importer, replace(_item("a"), outputs=outputs))

    (item,) = importer.items_of(done.set)
    assert item.content.output == outputs
