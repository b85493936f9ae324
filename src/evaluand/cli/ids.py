"""Ids on the command line: shown with native prefixes, read with any.

All faces show the same id, so one copied from an API's answer works here as well.
"""

from __future__ import annotations

import re

from evaluand.domain.ids import PublicId, from_base62, from_uuid, to_prefixed
from evaluand.errors import InvalidRequest

RUN, SET, ITEM, TARGET, VERSION = "run", "set", "item", "target", "version"

_PREFIXED = re.compile(r"(?:[a-z]+_)?([0-9A-Za-z]{21})")


def shown(prefix: str, public_id: PublicId) -> str:
    """The id as the command line shows it."""
    return to_prefixed(prefix, public_id)


def read_id(text: str, kind: str) -> PublicId:
    """The id in a text such as ``run_…``, with whatever prefix, bare, or as a UUID.

    Raises InvalidRequest for anything else.
    """
    match = _PREFIXED.fullmatch(text)
    found = from_base62(match[1]) if match else from_uuid(text)
    if found is None:
        raise InvalidRequest(
            f"{text!r} is not the id of a {kind}. Take one from 'evaluand {kind}s list'."
        )
    return found
