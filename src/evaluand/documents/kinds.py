"""Which kind of file this is: by its bytes first, then by its name and declared type."""

from __future__ import annotations

from pathlib import PurePath

from evaluand.documents.registry import Format, all_formats
from evaluand.documents.sample import Sample
from evaluand.errors import CorruptFile

# Text to the eye, but of programs: read as plain text it would be noise.
NOT_FOR_READING = (b"{\\rtf", b"%!ps")


def detect(sample: Sample, *, name: str, content_type: str | None) -> Format | None:
    """The format of a file, or None when nothing is known of it.

    What the bytes say wins over the name. A name that promises a format with a signature which
    the bytes do not carry is a broken or misnamed file: CorruptFile, saying what it looks like.
    """
    by_bytes = _by_bytes(sample)
    promised = _by_name(name) or _by_content_type(content_type)
    if by_bytes is not None and not by_bytes.textual:
        return by_bytes
    if promised is not None:
        _check_promise(promised, sample, name)
        return promised
    if by_bytes is not None:
        return by_bytes
    if sample.looks_like_text and not sample.markup.startswith(NOT_FOR_READING):
        return all_formats()["TXT"]
    return None


def _check_promise(promised: Format, sample: Sample, name: str) -> None:
    if not promised.textual:
        raise CorruptFile(
            f"'{name}' should be {promised.kind} but is not, or is cut short: it looks like"
            f" {sample.impression}. Export it again, or give it its true extension"
        )
    if not sample.looks_like_text:
        raise CorruptFile(
            f"'{name}' should be text ({promised.kind}) but looks like {sample.impression}."
            " Export it again, or give it its true extension"
        )


def _by_bytes(sample: Sample) -> Format | None:
    known = (f for f in all_formats().values() if f.recognises is not None)
    return next((f for f in known if f.recognises is not None and f.recognises(sample)), None)


def _by_name(name: str) -> Format | None:
    extension = PurePath(name).suffix.lower().lstrip(".")
    return next((f for f in all_formats().values() if extension in f.extensions), None)


def _by_content_type(content_type: str | None) -> Format | None:
    essence = (content_type or "").partition(";")[0].strip().lower()
    return next((f for f in all_formats().values() if essence in f.content_types), None)
