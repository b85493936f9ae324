"""Uploads, read as they arrive: one file part, handed on chunk by chunk, and the fields around it.

Nothing is spooled and nothing is kept in memory, whatever the size and with or without a declared
length.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from evaluand.errors import InvalidRequest, WrongContentType

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# A password is a line; anything longer is a file sent under the wrong name.
_FIELD_BYTES = 4096
# Text before the first part and fields nobody asked for may not flow for ever.
_OTHER_BYTES = 1 << 20
_FILE = "file"
_PASSWORD = "password"  # noqa: S105 - the name of a form field


@dataclass(slots=True)
class _Part:
    """A part under way."""

    name: str = ""
    filename: str | None = None
    content_type: str | None = None
    text: bytearray = field(default_factory=bytearray)


class Upload:
    """A form with a file. ``open`` reads up to the file part, ``chunks`` reads the rest.

    ``password`` is known for certain when ``chunks`` has ended.
    """

    def __init__(self, request: Request) -> None:
        kind, options = parse_options_header(request.headers.get("content-type"))
        if kind != b"multipart/form-data" or b"boundary" not in options:
            raise WrongContentType("Upload the file as multipart/form-data, in a part 'file'.")
        self.name = ""
        self.content_type: str | None = None
        self.password: str | None = None
        self._stream = request.stream()
        self._events: deque[bytes] = deque()
        self._part = _Part()
        self._header = (bytearray(), bytearray())
        self._found = self._finished = False
        self._other = 0
        self._parser = _parser(options[b"boundary"], self._callbacks())

    async def open(self) -> None:
        """Reads until the file begins. Raises InvalidRequest when the form has none."""
        while not self._found:
            if not await self._advance():
                raise InvalidRequest(
                    "The form has no part 'file'. Send the document in it.", field=_FILE
                )

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file's bytes. Raises InvalidRequest when the form breaks off or goes on oddly."""
        while True:
            while self._events:
                yield self._events.popleft()
            if not await self._advance():
                break
        if not self._finished:
            raise InvalidRequest("The form breaks off before its end. Send it again.")

    async def _advance(self) -> bool:
        async for chunk in self._stream:
            try:
                self._parser.write(chunk)
            except (FormParserError, UnicodeDecodeError) as error:
                raise InvalidRequest(f"The form cannot be read: {error}.") from error
            return True
        return False

    def _callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._end_form,
        }

    def _begin(self) -> None:
        self._part = _Part()

    def _end_header(self) -> None:
        name, value = bytes(self._header[0]).lower(), bytes(self._header[1])
        self._header = (bytearray(), bytearray())
        if name == b"content-disposition":
            _, options = parse_options_header(value)
            self._part.name = _text(options.get(b"name", b""))
            filename = options.get(b"filename")
            self._part.filename = None if filename is None else _text(filename)
        elif name == b"content-type":
            self._part.content_type = _text(value)

    def _end_headers(self) -> None:
        part = self._part
        if part.name != _FILE:
            return
        if self._found:
            raise InvalidRequest("The form has more than one part 'file'.", field=_FILE)
        self._found = True
        self.name, self.content_type = part.filename or "upload", part.content_type

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.name == _FILE:
            self._events.append(data[start:end])
            return
        self._other += end - start
        if self._other > _OTHER_BYTES:
            raise InvalidRequest("The form's other fields are too long.")
        if self._part.name == _PASSWORD:
            self._part.text += data[start:end]
            if len(self._part.text) > _FIELD_BYTES:
                raise InvalidRequest("The password is too long.", field=_PASSWORD)

    def _end(self) -> None:
        if self._part.name == _PASSWORD:
            self.password = _text(bytes(self._part.text)) or None

    def _end_form(self) -> None:
        self._finished = True


def _parser(boundary: bytes, callbacks: MultipartCallbacks) -> MultipartParser:
    try:
        return MultipartParser(boundary, callbacks)
    except FormParserError as error:
        raise InvalidRequest(f"The form cannot be read: {error}.") from error


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
