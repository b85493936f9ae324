"""The ``engine`` member of a configuration, read with care: misspelt options are errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluand.domain.model import Json
from evaluand.errors import InvalidConfig


class Options:
    """Takes options one by one; each method raises InvalidConfig naming the option."""

    def __init__(self, config: Json, known: frozenset[str]) -> None:
        engine = config.get("engine")
        self._engine: Mapping[str, Any] = engine if isinstance(engine, Mapping) else {}
        unknown = sorted(self._engine.keys() - known - {"kind"})
        if unknown:
            raise InvalidConfig(
                f"the engine has no option '{unknown[0]}'; it has: {', '.join(sorted(known))}",
                field=_place(unknown[0]),
            )

    def has(self, name: str) -> bool:
        """Whether the option is given, be it as null."""
        return name in self._engine

    def text(self, name: str) -> str | None:
        """A text, or None when it is missing or null."""
        value = self._engine.get(name)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise _wrong(name, "a text that is not empty")
        return value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of ``allowed``, the first of them when it is missing."""
        value = self._engine.get(name, allowed[0])
        if value not in allowed:
            raise _wrong(name, " or ".join(f"'{one}'" for one in allowed))
        return str(value)

    def number(
        self, name: str, default: float | None, low: float, high: float, *, nullable: bool = False
    ) -> float | None:
        """A number from ``low`` to ``high``; null only where leaving it out means something."""
        value = self._engine.get(name, default)
        if value is None and (nullable or default is None):
            return None
        if type(value) not in (int, float) or not low <= value <= high:
            raise _wrong(name, f"a number from {low:g} to {high:g}")
        number: float = value
        return number

    def whole(
        self, name: str, default: int | None, low: int, high: int, *, nullable: bool = False
    ) -> int | None:
        """A whole number from ``low`` to ``high``."""
        value = self.number(name, default, low, high, nullable=nullable)
        if value is not None and type(value) is not int:
            raise _wrong(name, "a whole number")
        return value

    def texts(self, name: str) -> Mapping[str, str]:
        """An object whose members are all texts."""
        value = self._engine.get(name) or {}
        whole = isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values())
        if not whole:
            raise _wrong(name, "an object of texts")
        return dict(value)


def _place(name: str) -> str:
    return f"config.engine.{name}"


def _wrong(name: str, wanted: str) -> InvalidConfig:
    return InvalidConfig(f"engine.{name} must be {wanted}", field=_place(name))
