"""Sentence embeddings that need no network: the weights come inside the wordllama package."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from evaluand.errors import MissingExtra

DIMENSIONS = 256
"""Length of a vector: the one size whose weights lie in the wheel."""


class _Model(Protocol):
    def embed(self, texts: list[str]) -> npt.NDArray[np.float32]: ...


class LocalEmbedder:
    """Embeds texts with wordllama, loaded on first use and once per process."""

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One row of length 1 per text, shape ``(len(texts), 256)``; blank texts give zeros.

        The dot product of two rows is their cosine similarity.

        Raises:
            MissingExtra: wordllama is not installed.
        """
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        rows = _model().embed([text if text.strip() else " " for text in texts])
        rows[[not text.strip() for text in texts]] = 0.0
        lengths: npt.NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
        # A zero row stays zero: it is like nothing, which is what a blank text is.
        lengths[lengths == 0.0] = 1.0
        return rows / lengths


@cache
def _model() -> _Model:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        import wordllama  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra.named("documents", "embedding text without a provider") from error
    finally:
        # wordllama configures the root logger on import; that is the application's to decide.
        root.handlers[:] = handlers
        root.setLevel(level)
    # The package looks for its tokenizer in a folder of another name than the one it ships, and
    # would then download it. Naming the package's own folder as the cache avoids both.
    folder = Path(wordllama.__file__).parent
    model: _Model = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
    return model
