"""How the ``llm`` engine is configured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from evaluand.domain.model import Json
from evaluand.targets.documents.engine_options import Options

Input = Literal["text", "images"]
ResponseFormat = Literal["json_schema", "json_object", "none"]

# ``baseUrl`` and ``prompt`` are written into frozen configurations.
_KNOWN = frozenset(
    {
        "provider",
        "baseUrl",
        "model",
        "input",
        "temperature",
        "seed",
        "maxTokens",
        "instructions",
        "prompt",
        "responseFormat",
        "timeoutS",
    }
)
# Long documents and slow local models take minutes; what takes longer has hung.
_TIMEOUT_S, _LONGEST_TIMEOUT_S = 300.0, 3600.0
_HOTTEST = 2.0
_MOST_TOKENS = 1_000_000
_LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmOptions:
    """What ``config["engine"]`` says. ``temperature`` and ``seed`` are None when given as null:
    they are then left out of the question, for models that refuse them."""

    provider: str | None
    model: str | None
    input: Input
    temperature: float | None
    seed: int | None
    max_tokens: int | None
    instructions: str | None
    prompt: str | None
    response_format: ResponseFormat
    timeout_s: float

    @classmethod
    def of(cls, config: Json) -> LlmOptions:
        """The options of a configuration. Raises InvalidConfig."""
        options = Options(config, _KNOWN)
        formats = ("json_schema", "json_object", "none")
        timeout_s = options.number("timeoutS", _TIMEOUT_S, 1, _LONGEST_TIMEOUT_S)
        return cls(
            provider=options.text("provider"),
            model=options.text("model"),
            input=cast("Input", options.choice("input", ("text", "images"))),
            temperature=options.number("temperature", 0.0, 0, _HOTTEST, nullable=True),
            seed=options.whole("seed", 0, 0, _LARGEST_SEED, nullable=True),
            max_tokens=options.whole("maxTokens", None, 1, _MOST_TOKENS),
            instructions=options.text("instructions"),
            prompt=options.text("prompt"),
            response_format=cast("ResponseFormat", options.choice("responseFormat", formats)),
            timeout_s=timeout_s or _TIMEOUT_S,
        )
