"""Dialects: the vendors' wire protocols over one core.

A dialect is an ASGI application of its own, with its own error shapes and OpenAPI document. The
server mounts it under its prefix, and once more at the root for the paths its vendor owns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI

from evaluand.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectSettings:
    """What a dialect needs to know of its server. ``public_url`` is empty to take the request's."""

    public_url: str = ""
    max_body_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A wire protocol: its name, its prefix, the first path segments it owns at the root."""

    name: str
    prefix: str
    roots: frozenset[str]
    build: Callable[[Services, DialectSettings], FastAPI]
