"""Values of configuration files, and messages that say where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluand.cli.nodes import Node, load
from evaluand.errors import InvalidConfig


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_files_are_read_by_their_kind(tmp_path: Path) -> None:
    _file(tmp_path, "a.json", '{"n": 1}')
    _file(tmp_path, "b.jsonl", '{"n": 1}\n\n{"n": 2}\n')
    _file(tmp_path, "c.yml", "n: 1")
    _file(tmp_path, "d.txt", "n: 1")
    run = _file(
        tmp_path,
        "run.yaml",
        "json: {file: a.json}\nlines: {file: b.jsonl}\nyaml: {file: c.yml}\ntext: {file: d.txt}\n"
        "list: [{file: a.json}]",
    )

    assert load(run).data() == {
        "json": {"n": 1},
        "lines": [{"n": 1}, {"n": 2}],
        "yaml": {"n": 1},
        "text": "n: 1",
        "list": [{"n": 1}],
    }


def test_what_comes_from_a_file_is_taken_as_it_is(tmp_path: Path) -> None:
    _file(tmp_path, "schema.json", '{"properties": {"file": "scan.pdf"}}')
    run = _file(tmp_path, "run.yaml", "schema: {file: schema.json}")

    assert load(run).data() == {"schema": {"properties": {"file": "scan.pdf"}}}


def test_paths_and_messages_are_those_of_the_file_the_value_stands_in(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    inner = _file(tmp_path / "data", "items.jsonl", '{"id": "a"}\n{"id": 7}')
    run = _file(tmp_path, "run.yaml", "items: {file: data/items.jsonl}")

    second = list(load(run).members(["items"])["items"].entries())[1]

    with pytest.raises(InvalidConfig) as error:
        second.members(["id"])["id"].text()
    assert error.value.message == f"{inner}: [1].id: must be a text, not 7."


def test_dates_and_numbers_as_names_become_texts(tmp_path: Path) -> None:
    run = _file(tmp_path, "run.yaml", "2025: 2025-01-31")

    assert load(run).data() == {"2025": "2025-01-31"}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.yaml", "name: [1", "line 1, column 9: this is no YAML"),
        ("a.json", '{\n"n": }', "line 2: this is no JSON"),
        ("a.jsonl", '{"n": 1}\n{"n": }', "line 2: this is no JSON"),
    ],
)
def test_what_cannot_be_parsed_is_told_with_its_line(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    path = _file(tmp_path, name, text)

    with pytest.raises(InvalidConfig, match=told) as error:
        load(path)

    assert str(path) in error.value.message


def test_a_missing_file_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    run = _file(tmp_path, "run.yaml", "set:\n  items: {file: none.jsonl}")

    with pytest.raises(InvalidConfig, match=r"set\.items: the file .*none\.jsonl.* cannot be read"):
        load(run).data()


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(InvalidConfig, match="not UTF-8"):
        load(tmp_path / "run.yaml")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"targets": 1, "sett": 2}, "there is no member 'sett'; did you mean 'set'?"),
        ({"targets": 1, "q": 2}, "there is no member 'q'. The members are 'targets', 'set'."),
        ({"set": 1}, "'targets' is missing. Add it; the members are 'targets', 'set'."),
        ([], "must be an object with 'targets', 'set', not a list without entries."),
        (None, "must be an object with 'targets', 'set', not nothing."),
    ],
)
def test_members_that_are_wrong_are_named(value: object, told: str) -> None:
    with pytest.raises(InvalidConfig) as error:
        Node(value, Path("run.yaml")).members(["targets"], ["set"])

    assert error.value.message == f"run.yaml: {told}"


@pytest.mark.parametrize("value", [[], {}, "text", None])
def test_a_list_has_entries(value: object) -> None:
    with pytest.raises(InvalidConfig, match="must be a list with at least one entry"):
        list(Node(value, Path("run.yaml")).entries())
