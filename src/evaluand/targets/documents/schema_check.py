"""Answers held against the JSON Schema of a configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import jsonschema_rs
import msgspec

from evaluand.errors import InvalidConfig
from evaluand.models.replies import BadReply

# Messages repeat the offending value, which may be a whole document.
_REASON_CHARACTERS = 200


def check_schema(schema: Any, *, field: str = "config.schema") -> None:
    """Raises InvalidConfig unless ``schema`` is a JSON Schema for an object, whole in itself."""
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        raise InvalidConfig(
            "the schema must be a JSON Schema with 'type': 'object' at its root", field=field
        )
    try:
        _validator(msgspec.json.encode(schema))
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        # The library goes on to repeat the schema; its first line says what is wrong.
        why = str(error).partition("\n")[0][:_REASON_CHARACTERS]
        raise InvalidConfig(f"the schema is no valid JSON Schema: {why}", field=field) from error


def check_value(value: Any, schema: Mapping[str, Any]) -> None:
    """Raises BadReply (``schema_mismatch``) naming the first place where ``value`` breaks it."""
    error = next(iter(_validator(msgspec.json.encode(schema)).iter_errors(value)), None)
    if error is not None:
        raise mismatch(path_text(error.instance_path), error.message)


def mismatch(path: str, reason: str) -> BadReply:
    """The failure of an answer that is wrong at ``path``."""
    if len(reason) > _REASON_CHARACTERS:
        reason = f"{reason[: _REASON_CHARACTERS // 2]} … {reason[-_REASON_CHARACTERS // 2 :]}"
    where = f"at {path}: " if path else ""
    return BadReply("schema_mismatch", f"the answer does not fit the schema {where}{reason}")


def path_text(path: Sequence[str | int]) -> str:
    """A path as people write it: ``line_items[0].amount``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


# A run checks all its items against one schema; a few dozen runs may be under way.
@lru_cache(maxsize=64)
def _validator(schema: bytes) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(schema.decode(), retriever=_refuse)


def _refuse(uri: str) -> Any:
    # References out of the schema would have the server fetch addresses and files for its users.
    raise LookupError(f"'{uri}' lies outside of the schema: put it under $defs")
