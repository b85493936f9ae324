"""Extend's wire protocol, version 2026-02-09, as its official SDKs speak it.

``words`` has the vendor's vocabulary, ``wire`` what clients send, ``views`` what they receive,
``render*`` how core values become views; the other modules hold the endpoints, one noun each.
"""

from __future__ import annotations

from evaluand.dialects import Dialect
from evaluand.dialects.extend.app import ROOTS, build
from evaluand.dialects.extend.words import PREFIX

DIALECT = Dialect(name="extend", prefix=PREFIX, roots=ROOTS, build=build)
