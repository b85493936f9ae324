"""Take the password off a PDF, so that nobody has to keep it."""

from __future__ import annotations

import os
from pathlib import Path

from evaluand.documents import pdfium
from evaluand.documents.limits import ReadingLimits
from evaluand.documents.registry import Source


def unlock(path: Path, *, name: str, password: str, limits: ReadingLimits) -> bool:
    """Replaces the PDF at ``path`` by the same document without encryption, in one step.

    Returns whether it was encrypted at all; the file is untouched when it was not. Raises
    ProtectedFile when the password does not open it, CorruptFile when nothing does.
    """
    import pypdfium2.raw as raw  # type: ignore[import-untyped]

    source = Source(path=path, name=name, limits=limits, password=password)
    unlocked = path.with_name(f"{path.name}.unlocked")
    with pdfium.opened(source) as document:
        if raw.FPDF_GetSecurityHandlerRevision(document) < 0:
            return False
        try:
            document.save(unlocked, flags=raw.FPDF_REMOVE_SECURITY)
            os.replace(unlocked, path)
        finally:
            unlocked.unlink(missing_ok=True)
    return True
