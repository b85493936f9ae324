"""Bytes on disk: kept under their digest, never half, swept when a crash left them."""

from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path

import pytest

from evaluand.errors import NotFound
from evaluand.store.blobs import DiskBlobs


def adopted(blobs: DiskBlobs, data: bytes) -> str:
    temporary = blobs.temporary()
    temporary.write_bytes(data)
    digest = sha256(data).hexdigest()
    blobs.adopt(temporary, digest)
    return digest


def test_what_is_adopted_can_be_read(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "new" / "folder")

    digest = adopted(blobs, b"bytes")

    assert blobs.path(digest).read_bytes() == b"bytes"
    assert list((tmp_path / "new" / "folder" / "uploads").iterdir()) == []


def test_the_same_bytes_twice_are_kept_once(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)

    assert adopted(blobs, b"bytes") == adopted(blobs, b"bytes")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_what_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="abcdef012345… are gone"):
        DiskBlobs(tmp_path).path("abcdef0123456789")


def test_a_folder_is_no_blob(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    (tmp_path / "ab" / "abc").mkdir(parents=True)

    with pytest.raises(NotFound):
        blobs.path("abc")


def test_temporary_paths_differ_and_lie_on_the_same_disk(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)

    one, two = blobs.temporary(), blobs.temporary()

    assert one != two
    assert one.parent.stat().st_dev == tmp_path.stat().st_dev
    assert not one.exists()


def test_old_uploads_are_swept_and_young_ones_left(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    old, young = blobs.temporary(), blobs.temporary()
    for path in (old, young):
        path.write_bytes(b"half")
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))

    DiskBlobs(tmp_path)

    assert not old.exists()
    assert young.exists()
