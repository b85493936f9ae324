"""Templates written as YAML text, brought to plain values before anything walks through them."""

from __future__ import annotations

import msgspec
import yaml

from evaluand.errors import InvalidConfig

# A large template has a few hundred values, five levels deep. References let a few lines of YAML
# stand for billions of values, or for one that contains itself.
_MOST_VALUES = 10_000
_MOST_LEVELS = 32


def load_yaml(text: str, where: str) -> object:
    """The values in a YAML text, as JSON would hold them.

    Raises InvalidConfig when it is no YAML, or holds what a configuration cannot: more than
    10,000 values, more than 32 levels, itself, or values JSON has no word for.
    """
    try:
        found = yaml.safe_load(text)
        _check_extent(found)
        return msgspec.json.decode(msgspec.json.encode(found))
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        raise InvalidConfig(f"{where} is not valid YAML: {error}", field=where) from error
    except RecursionError as error:
        raise InvalidConfig(f"{where} is nested too deep", field=where) from error


def _check_extent(root: object) -> None:
    """Counts values as often as they are referred to. Raises ValueError when they are too many."""
    waiting: list[tuple[object, int]] = [(root, 0)]
    seen = 0
    while waiting:
        value, level = waiting.pop()
        if not isinstance(value, dict | list | tuple | set):
            continue
        inside = list(value.values() if isinstance(value, dict) else value)
        seen += len(inside)
        if seen > _MOST_VALUES or level > _MOST_LEVELS:
            raise ValueError(
                f"it unfolds to more than {_MOST_VALUES} values or {_MOST_LEVELS} levels"
            )
        waiting += [(one, level + 1) for one in inside]
