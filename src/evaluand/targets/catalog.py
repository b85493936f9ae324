"""The target engines there are. Packages add theirs as entry points ``evaluand.targets``.

A configuration names its engine as ``{"engine": {"kind": …}}``; without it the server's default
for that kind of target is used, and written into what a run freezes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from evaluand.domain.model import Json, TargetKind
from evaluand.errors import InvalidConfig
from evaluand.ports import TargetEngine

Check = Callable[[TargetKind, Json], None]


class EngineCatalog:
    """Fits :class:`evaluand.ports.Catalog`."""

    def __init__(
        self,
        engines: Iterable[TargetEngine],
        defaults: Mapping[TargetKind, str],
        checks: Mapping[TargetKind, Check],
        ready: Mapping[TargetKind, Check] | None = None,
    ) -> None:
        self._engines = {engine.name: engine for engine in engines}
        self._defaults = defaults
        self._checks = checks
        self._ready = ready or {}

    def check(self, kind: TargetKind, config: Json) -> None:
        check = self._checks.get(kind)
        if check is not None:
            check(kind, config)
        if "engine" in config:
            self.engine(kind, config).check(kind, config)

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        ready = self._ready.get(kind)
        if ready is not None:
            ready(kind, config)
        chosen = self.engine(kind, config)
        named = {**config, "engine": {**_asked(config), "kind": chosen.name}}
        chosen.check(kind, named)
        return chosen.freeze(kind, named)

    def engine(self, kind: TargetKind, config: Json) -> TargetEngine:
        name = _asked(config).get("kind")
        if name is None:
            name = self._defaults.get(kind)
        found = self._engines.get(name) if isinstance(name, str) else None
        if found is None or kind not in found.kinds:
            able = sorted(e.name for e in self._engines.values() if kind in e.kinds)
            raise InvalidConfig(
                f"There is no engine {name!r} for a {kind}. Choose one of: {', '.join(able)}. "
                "Path: engine.kind",
                field="config.engine.kind",
            )
        return found


def _asked(config: Json) -> Mapping[str, object]:
    asked = config.get("engine") or {}
    if not isinstance(asked, Mapping):
        raise InvalidConfig(
            "The engine must be an object such as {'kind': 'baseline'}. Path: engine",
            field="config.engine",
        )
    return asked
