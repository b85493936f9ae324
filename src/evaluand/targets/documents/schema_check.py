"""Answers held against the JSON Schema of a configuration."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import jsonschema_rs
import msgspec

from evaluand.domain.model import Json, TargetKind
from evaluand.errors import InvalidConfig
from evaluand.models.replies import BadReply
from evaluand.targets.documents.checks import check_config

# Messages repeat the offending value, which may be a whole document.
_REASON_CHARACTERS = 200


def schema_of(config: Json) -> Json:
    """The schema of an extractor's configuration.

    Raises InvalidConfig when there is none, or none that answers can be checked against.
    """
    check_config(TargetKind.EXTRACTOR, config)
    schema = config.get("schema")
    if not schema:
        raise InvalidConfig("an extractor needs a schema before it can run", field="config.schema")
    try:
        _validator(msgspec.json.encode(schema))
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        # The library goes on to repeat the schema; its first line says what is wrong.
        why = str(error).partition("\n")[0][:_REASON_CHARACTERS]
        raise InvalidConfig(
            f"the schema is no valid JSON Schema: {why}", field="config.schema"
        ) from error
    return dict(schema)


def check_value(value: Any, schema: Json) -> None:
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
