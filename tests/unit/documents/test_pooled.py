from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluand.documents.pooled import PooledProbe
from evaluand.documents.reading import ReadingLimits, read
from evaluand.domain.documents import FileFacts
from evaluand.errors import CorruptFile, ProtectedFile, ReadingStopped
from evaluand.testing.pdf import make_encrypted_pdf, make_pdf
from evaluand.testing.pool import InlinePool

LIMITS = ReadingLimits()


@pytest.fixture
def pool() -> Iterator[InlinePool]:
    made = InlinePool()
    yield made
    made.close()


def look(pool: InlinePool, path: Path, password: str | None) -> FileFacts:
    desk = PooledProbe(pool, LIMITS, timeout_s=20.0)
    return asyncio.run(
        desk.probe(path, name="a.pdf", content_type="application/pdf", password=password)
    )


def test_a_fitting_password_is_needed_once(pool: InlinePool, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(make_encrypted_pdf([["Secret terms"]], password="sesame"))
    assert look(pool, path, "sesame") == FileFacts(kind="PDF", page_count=1)
    assert read(path, name="a.pdf", limits=LIMITS).text == "Secret terms"
    assert list(tmp_path.iterdir()) == [path]


def test_a_wrong_password_leaves_the_file_alone(pool: InlinePool, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    before = make_encrypted_pdf([["Secret terms"]], password="sesame")
    path.write_bytes(before)
    with pytest.raises(ProtectedFile):
        look(pool, path, "wrong")
    assert path.read_bytes() == before


def test_an_open_file_needs_none_and_stays_as_it_is(pool: InlinePool, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    before = make_pdf([["Open terms"]])
    path.write_bytes(before)
    assert look(pool, path, "sesame").page_count == 1
    assert path.read_bytes() == before


class Stopping:
    """A pool in which every look takes too long."""

    async def run(self, function: object, *args: object, timeout_s: float | None = None) -> None:
        raise ReadingStopped(f"stopped after {timeout_s} s")


def test_a_file_that_cannot_be_looked_at_in_time_is_broken_to_who_uploads_it() -> None:
    desk = PooledProbe(Stopping(), LIMITS, timeout_s=0.5)  # type: ignore[arg-type]
    with pytest.raises(CorruptFile, match=r"stopped after 0\.5 s"):
        asyncio.run(desk.probe(Path("a"), name="a.pdf", content_type=None, password=None))
