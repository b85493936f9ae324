"""Uploaded files: what is known of them, lists by part of a name, deletion."""

from __future__ import annotations

from datetime import timedelta

import pytest

from evaluand.domain.ids import new_public_id
from evaluand.domain.paging import PageRequest
from evaluand.ports import WorkspaceStore
from evaluand.testing.builders import a_file
from evaluand.testing.clock import START
from evaluand.testing.paging import walk

LATER = START + timedelta(minutes=5)
EVERYTHING = PageRequest(size=1_000, sort="created_at", descending=False)


def listed(door: WorkspaceStore, part: str | None) -> list[str]:
    return [file.name for file in door.files.page(EVERYTHING, name_contains=part).rows]


def test_a_file_comes_back_as_it_was_stored(door: WorkspaceStore) -> None:
    file = a_file("Rechnung №7.pdf", size=1 << 40, page_count=None, kind=None)

    stored = door.files.add(file)

    found = door.files.get(file.id)
    assert found == stored
    assert stored.key != file.key
    assert (stored.id, stored.name, stored.kind) == (file.id, "Rechnung №7.pdf", None)
    assert (stored.size, stored.page_count, stored.created_at) == (1 << 40, None, START)


def test_the_same_bytes_may_be_two_files(door: WorkspaceStore) -> None:
    one, two = door.files.add(a_file()), door.files.add(a_file())

    assert one.sha256 == two.sha256
    assert one.id != two.id


def test_many_are_found_at_once(door: WorkspaceStore) -> None:
    stored = {file.id: file for file in (door.files.add(a_file(f"{n}.pdf")) for n in range(5))}
    # More than one statement may take.
    unknown = [new_public_id() for _ in range(1_200)]

    assert door.files.many([*unknown, *stored]) == stored
    assert door.files.many([]) == {}


def test_a_deleted_file_is_gone(door: WorkspaceStore) -> None:
    file = door.files.add(a_file())

    assert door.files.delete(file.id, LATER)

    assert door.files.get(file.id) is None
    assert door.files.many([file.id]) == {}
    assert listed(door, None) == []
    assert not door.files.delete(file.id, LATER)
    assert not door.files.delete(new_public_id(), LATER)


@pytest.mark.parametrize(
    ("part", "names"),
    [
        (None, ["100%.pdf", "A_b.txt", "a-b.txt", "x\\y.pdf", "ÄRGER.pdf", "a/b.txt"]),
        ("", ["100%.pdf", "A_b.txt", "a-b.txt", "x\\y.pdf", "ÄRGER.pdf", "a/b.txt"]),
        ("%", ["100%.pdf"]),
        ("_", ["A_b.txt"]),
        ("a_B", ["A_b.txt"]),
        ("A-B", ["a-b.txt"]),
        ("\\", ["x\\y.pdf"]),
        ("/", ["a/b.txt"]),
        ("ärg", ["ÄRGER.pdf"]),
        ("ÄRG", ["ÄRGER.pdf"]),
        ("nothing", []),
        ("'; DROP TABLE files; --", []),
    ],
)
def test_a_part_of_a_name_is_meant_literally_in_any_case(
    door: WorkspaceStore, part: str | None, names: list[str]
) -> None:
    for name in ["100%.pdf", "A_b.txt", "a-b.txt", "x\\y.pdf", "ÄRGER.pdf", "a/b.txt"]:
        door.files.add(a_file(name))

    assert listed(door, part) == names


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("descending", [True, False])
def test_paging_visits_each_file_once(door: WorkspaceStore, size: int, descending: bool) -> None:
    for n in range(5):
        door.files.add(a_file(str(n), at=START + timedelta(seconds=n // 2)))

    rows = walk(
        lambda request: door.files.page(request, name_contains=None),
        size,
        sort="created_at",
        descending=descending,
    )

    assert [row.name for row in rows] == list("43210" if descending else "01234")
