"""Values of a configuration file together with where they stand, for messages that point there."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from evaluand.errors import InvalidConfig


@dataclass(frozen=True, slots=True)
class Node:
    """A value, the file it comes from, and its place in there, as in ``targets[1].version``."""

    value: Any
    file: Path
    place: str = ""
    is_included: bool = False
    """Whether the value comes from a file that the run file names; there, nothing is replaced."""

    def fail(self, message: str) -> NoReturn:
        """Raises InvalidConfig with file and place in front of the message."""
        where = f"{self.file}: {self.place}" if self.place else str(self.file)
        raise InvalidConfig(f"{where}: {message}", field=self.place or None)

    def members(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Node]:
        """The members of an object, which has all of ``required`` and no unknown ones."""
        required = tuple(required)
        known = (*required, *optional)
        if not isinstance(self.value, Mapping):
            self.fail(f"must be an object with {_listed(known)}, not {_kind(self.value)}.")
        for name in self.value:
            if name not in known:
                self.fail(f"there is no member {name!r}{nearest(str(name), known)}")
        for name in required:
            if name not in self.value:
                self.fail(f"{name!r} is missing. Add it; the members are {_listed(known)}.")
        return {name: self._member(name) for name in self.value}

    def named(self) -> dict[str, Node]:
        """The members of an object with any names."""
        if not isinstance(self.value, Mapping):
            self.fail(f"must be an object, not {_kind(self.value)}.")
        return {str(name): self._member(name) for name in self.value}

    def entries(self) -> Iterator[Node]:
        """The entries of a list that is not empty."""
        if not isinstance(self.value, list) or not self.value:
            self.fail(f"must be a list with at least one entry, not {_kind(self.value)}.")
        for index, value in enumerate(self.value):
            yield _opened(Node(value, self.file, f"{self.place}[{index}]", self.is_included))

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail(f"must be a text, not {_kind(self.value)}.")
        return self.value

    def data(self) -> Any:
        """The value as plain data, with everything that lies in other files inside."""
        if isinstance(self.value, dict):
            return {name: node.data() for name, node in self.named().items()}
        if isinstance(self.value, list):
            return [node.data() for node in self.entries()] if self.value else []
        return self.value

    def mapping(self) -> Mapping[str, Any]:
        """An object as plain data."""
        self.named()
        found: Mapping[str, Any] = self.data()
        return found

    def _member(self, name: object) -> Node:
        place = f"{self.place}.{name}" if self.place else str(name)
        return _opened(Node(self.value[name], self.file, place, self.is_included))


def load(path: Path) -> Node:
    """The content of a file: data for ``.json``, ``.jsonl`` and YAML, else its text.

    Inside a run file ``{file: PATH}`` stands for the content of that file, which is taken as it
    is. Raises InvalidConfig for a file that is missing or cannot be parsed.
    """
    return Node(_parse(path, Node(None, path)), path)


def _opened(node: Node) -> Node:
    value = node.value
    named = value.get("file") if isinstance(value, dict) and len(value) == 1 else None
    if node.is_included or not isinstance(named, str):
        return node
    path = node.file.parent / named
    return Node(_parse(path, node), path, is_included=True)


def _parse(path: Path, asking: Node) -> Any:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        asking.fail(f"the file {str(path)!r} cannot be read: {reason}. Check the path.")
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _json(text, path, 1)
    if suffix == ".jsonl":
        lines = enumerate(text.splitlines(), 1)
        return [_json(line, path, number) for number, line in lines if line.strip()]
    return _yaml(text, path) if suffix in (".yaml", ".yml") else text


def nearest(name: str, known: Iterable[str]) -> str:
    """``; did you mean …?`` where a known name is close, else the list of them."""
    known = tuple(known)
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f". The members are {_listed(known)}."


def _json(text: str, path: Path, line: int) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        at = line + getattr(error, "lineno", 1) - 1
        reason = getattr(error, "msg", str(error))
        raise InvalidConfig(f"{path}, line {at}: this is no JSON: {reason}.") from error


def _yaml(text: str, path: Path) -> Any:
    import yaml

    try:
        return _plain(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or str(error)
        raise InvalidConfig(f"{path}{at}: this is no YAML: {reason}.") from error


def _plain(value: Any) -> Any:
    """YAML's data as JSON data: names are texts, and what looks like a date stays a text."""
    if isinstance(value, dict):
        return {str(name): _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _kind(value: Any) -> str:
    if isinstance(value, (dict, list)):
        kind = "an object" if isinstance(value, dict) else "a list"
        return kind if value else f"{kind} without entries"
    return "nothing" if value is None else repr(value)
