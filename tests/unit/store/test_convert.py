"""Domain values through the JSON that columns hold."""

from __future__ import annotations

from datetime import UTC

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from evaluand.domain.documents import FileKind
from evaluand.domain.ids import BITS, PublicId
from evaluand.domain.model import (
    Author,
    File,
    ItemContent,
    Json,
    Metric,
    Snapshot,
    Suite,
    TargetKind,
    TargetSummary,
    TargetVersion,
)
from evaluand.store import convert

ids = st.integers(0, (1 << BITS) - 1).map(PublicId)
times = st.datetimes(timezones=st.just(UTC))
texts = st.text(max_size=20)
objects: st.SearchStrategy[Json] = st.dictionaries(
    texts, st.none() | st.integers() | texts | st.lists(st.booleans()), max_size=4
)
file_kinds: st.SearchStrategy[FileKind | None] = st.sampled_from(["PDF", "IMG", None])
authors = st.builds(Author, kind=st.sampled_from(["user", "api_key"]), name=texts)
files = st.builds(
    File,
    key=st.integers(0, 9),
    id=ids,
    name=texts,
    kind=file_kinds,
    size=st.integers(0, 1 << 40),
    sha256=texts,
    page_count=st.none() | st.integers(0, 9),
    created_at=times,
    updated_at=times,
)
contents = st.builds(
    ItemContent,
    expected=st.none() | objects,
    files=st.lists(files, max_size=2).map(tuple),
    inputs=objects,
    output=st.none() | objects,
    metadata=objects,
)
kinds = st.sampled_from(TargetKind)
summaries = st.builds(
    TargetSummary,
    key=st.integers(1, 9),
    id=ids,
    kind=kinds,
    name=texts,
    created_at=times,
    updated_at=times,
)
versions = st.builds(
    TargetVersion,
    key=st.integers(1, 9),
    id=ids,
    target=ids,
    kind=kinds,
    number=st.none() | texts,
    description=st.none() | texts,
    config=objects,
    created_at=times,
    created_by=st.none() | authors,
)
metrics = st.builds(
    Metric, evaluator=texts, arguments=objects, threshold=st.none() | st.floats(0, 1)
)
snapshots = st.builds(
    Snapshot,
    target=st.none() | summaries,
    version=st.none() | versions,
    kind=kinds,
    config=objects,
    suite=st.builds(Suite, metrics=st.lists(metrics, max_size=2).map(tuple)),
    set_name=st.none() | texts,
    set_version=st.none() | st.integers(0, 9),
    digest=texts,
)


def stored(value: object) -> object:
    return msgspec.json.decode(msgspec.json.encode(convert.to_json(value)))


@given(contents)
def test_an_items_content_comes_back(content: ItemContent) -> None:
    assert convert.content(stored(content)) == content


@given(snapshots)
def test_a_snapshot_comes_back(snapshot: Snapshot) -> None:
    assert convert.snapshot(stored(snapshot)) == snapshot


@given(authors)
def test_an_author_comes_back(author: Author) -> None:
    assert convert.author(stored(author)) == author
    assert convert.author(None) is None
