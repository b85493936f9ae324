"""Links to bytes: they work without a key, until they expire, and not when a letter is changed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from hashlib import sha256

import pytest

from evaluand.domain.model import File, Principal
from evaluand.errors import NotFound, Unauthorized
from evaluand.services.blob_links import LIFETIME
from evaluand.services.files import LINK_LIFETIME, Link
from evaluand.testing.core import Core


def upload(core: Core, who: Principal, text: str) -> File:
    return asyncio.run(core.services.files.from_text(who, text, name=None))


@pytest.fixture
def linked(core: Core, admin: Principal) -> Link:
    return core.services.files.link(admin, upload(core, admin, "1"))


def test_a_link_works_until_it_expires(core: Core, linked: Link) -> None:
    core.clock.at += LINK_LIFETIME - timedelta(seconds=1)
    core.services.files.follow(linked)

    core.clock.advance(seconds=1)
    with pytest.raises(Unauthorized):
        core.services.files.follow(linked)


def test_no_part_of_a_link_can_be_changed(
    core: Core, admin: Principal, stranger: Principal, linked: Link
) -> None:
    other = upload(core, admin, "2")
    last = "0" if linked.signature[-1] != "0" else "1"
    forged = [
        linked._replace(workspace=stranger.workspace),
        linked._replace(file=other.id),
        linked._replace(expires=linked.expires + 1),
        linked._replace(expires=1 << 80),
        linked._replace(signature=linked.signature[:-1] + last),
        linked._replace(signature=linked.signature.upper()),
        linked._replace(signature=""),
        linked._replace(signature="ß\ud800"),
    ]

    for link in forged:
        with pytest.raises(Unauthorized):
            core.services.files.follow(link)


def test_a_blobs_link_works_until_it_expires_and_cannot_be_changed(
    core: Core, admin: Principal
) -> None:
    links, file = core.services.blob_links, upload(core, admin, "bytes")
    url = links.link(file)
    base, query = url.split("?")
    assert base == f"http://here/blobs/{file.sha256}"
    parts = dict(part.split("=") for part in query.split("&"))
    good = (file.sha256, parts["expires"], parts["signature"])
    assert links.follow(*good).read_bytes() == b"bytes"

    later = str(int(good[1]) + 1)
    other = sha256(b"other").hexdigest()
    hostile = [
        (other, *good[1:]),
        ("../../etc/passwd", *good[1:]),
        (good[0], later, good[2]),
        (good[0], "never", good[2]),
        (*good[:2], "\ud800"),
        ("\ud800", *good[1:]),
    ]
    for forged in hostile:
        with pytest.raises(Unauthorized):
            links.follow(*forged)
    core.clock.at += LIFETIME
    with pytest.raises(Unauthorized):
        links.follow(*good)


def test_a_files_link_does_not_open_a_blob(core: Core, admin: Principal, linked: Link) -> None:
    file = core.services.files.get(admin, linked.file)

    with pytest.raises(Unauthorized):
        core.services.blob_links.follow(file.sha256, str(linked.expires), linked.signature)


def test_a_link_to_bytes_that_are_gone_says_so(core: Core, admin: Principal, linked: Link) -> None:
    file, path = core.services.files.follow(linked)
    path.unlink()

    with pytest.raises(NotFound, match="gone from the data folder"):
        core.services.files.follow(linked)
    assert core.services.files.get(admin, file.id) == file
