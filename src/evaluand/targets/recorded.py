"""The engine for outputs that exist already: it answers with what the item has recorded."""

from __future__ import annotations

from evaluand.domain.model import Answer, Failure, ItemContent, Json, TargetKind
from evaluand.ports import Caller


class RecordedEngine:
    """Fits :class:`evaluand.ports.TargetEngine` for every kind of target.

    A configuration ``{"output": NAME}`` takes one of several recorded outputs by its name.
    """

    name = "recorded"
    kinds = frozenset(TargetKind)
    # Nothing is waited for: more lanes would only take turns.
    lanes = 50

    def check(self, kind: TargetKind, config: Json) -> None:
        """Any configuration will do: it is not used."""

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        return config

    async def run(
        self, kind: TargetKind, config: Json, content: ItemContent, caller: Caller
    ) -> Answer:
        output = content.output
        if output is not None and "output" in config:
            # Items may hold what several systems answered, by the systems' names.
            output = output.get(config["output"])
        if output is None:
            message = "The item has no recorded output. Import outputs, or use another engine."
            return Answer(failure=Failure(reason="target_error", message=message))
        return Answer(output=output)
