"""Column types: how domain values lie in the database, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from evaluand.domain.ids import BITS, PublicId

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_instant(moment: datetime) -> int:
    """A time as microseconds since 1970: exact, and sortable in any database."""
    return (moment - _EPOCH) // _MICROSECOND


def from_instant(value: int) -> datetime:
    """The time behind a column's microseconds, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """A time in UTC, to the microsecond."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | int | None, dialect: Dialect) -> int | None:
        return to_instant(value) if isinstance(value, datetime) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else from_instant(value)


class Id(TypeDecorator[PublicId]):
    """A public id, as its 15 bytes."""

    impl = LargeBinary(BITS // 8)
    cache_ok = True

    def process_bind_param(self, value: PublicId | None, dialect: Dialect) -> bytes | None:
        return None if value is None else int(value).to_bytes(BITS // 8, "big")

    def process_result_value(self, value: Any, dialect: Dialect) -> PublicId | None:
        return None if value is None else PublicId(int.from_bytes(bytes(value), "big"))


class JsonBytes(TypeDecorator[Any]):
    """A JSON value as its UTF-8 bytes: what came in goes out, any character included."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else msgspec.json.encode(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else msgspec.json.decode(value)
