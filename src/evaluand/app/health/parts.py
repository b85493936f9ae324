"""The optional parts: whether they are installed, and whether what they bring along loads."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires, version

from evaluand.app.health.finding import Finding, State

_OF_DOCUMENTS = re.compile(r"([\w.-]+).*extra == ['\"]documents['\"]")


def optional_parts() -> list[Finding]:
    """Whether documents can be read, scans recognised and texts embedded."""
    extra = _extra()
    return [extra, _recognition(), _embeddings()] if extra.state is State.OK else [extra]


def _extra() -> Finding:
    wanted = [
        match[1] for line in requires("evaluand") or () if (match := _OF_DOCUMENTS.match(line))
    ]
    lacking = [name for name in wanted if not _is_installed(name)]
    if not lacking:
        return Finding("documents", State.OK, "All readers of documents are installed.")
    found = f"Not installed: {', '.join(lacking)}. Documents cannot be read without them."
    return Finding("documents", State.WARNING, found, "pip install 'evaluand[documents]'")


def _is_installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def _recognition() -> Finding:
    import numpy as np

    from evaluand.documents.ocr import recognise

    try:
        recognise(np.full((64, 256), 255, dtype=np.uint8))
    except Exception as error:  # whatever keeps it from working is what is to be told
        fix = "Install it anew: pip install --force-reinstall rapidocr onnxruntime"
        return Finding("text recognition", State.PROBLEM, f"{type(error).__name__}: {error}", fix)
    return Finding("text recognition", State.OK, "Its models are here and load.")


def _embeddings() -> Finding:
    from evaluand.models.local_embeddings import LocalEmbedder

    try:
        LocalEmbedder().embed(["doctor"])
    except Exception as error:  # whatever keeps it from working is what is to be told
        fix = "Install it anew: pip install --force-reinstall wordllama"
        return Finding("embeddings", State.PROBLEM, f"{type(error).__name__}: {error}", fix)
    return Finding("embeddings", State.OK, "The local weights are here and load.")
