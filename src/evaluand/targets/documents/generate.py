"""A schema proposed from sample documents, offline: what they label, in the types they print.

Things that documents commonly state get their usual names, whatever the language of the label;
anything else that stands behind a label and a colon becomes a field named by the label. Nothing is
invented: every proposed field was found in a sample.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from evaluand.domain.documents import Document
from evaluand.errors import Unprocessable
from evaluand.targets.documents.baseline.conventions import Conventions, conventions
from evaluand.targets.documents.baseline.dates import dates_in
from evaluand.targets.documents.baseline.extractor import extract
from evaluand.targets.documents.baseline.layout import Line, sheets
from evaluand.targets.documents.baseline.text import fold, key
from evaluand.targets.documents.baseline.values import numbers_in
from evaluand.targets.documents.baseline.vocabulary import Concept, vocabulary

Schema = dict[str, Any]

# Values the extractor is less sure of are as likely chance as a field.
_SURE = 0.6
# A form has some dozens of fields; hundreds of colons are prose.
_MOST_FIELDS = 60
_ROWS = "line_items"
_PAIR = re.compile(r"^\s*(?P<label>[^\d:]{2,40}?)\s*:\s*(?P<value>\S.*)?$")
_LABEL_WORDS = 5
_NUMBERS = frozenset({"money", "number", "percent"})


def propose(documents: Sequence[Document]) -> Schema:
    """A schema whose fields were all found in at least one of ``documents``.

    Raises Unprocessable when nothing in them looks like a field.
    """
    found: Schema = {}
    for document in documents:
        found |= _known(document)
    for name, field in _labelled(documents):
        found.setdefault(name, field)
    if not found:
        raise Unprocessable(
            "No fields could be made out in the sample documents. Write the schema by hand, or "
            "give samples that label their values."
        )
    kept = dict(list(found.items())[:_MOST_FIELDS])
    return {"type": "object", "properties": kept}


def _known(document: Document) -> Schema:
    """Fields of the vocabulary that the extractor finds in the document, rows included."""
    words = vocabulary()
    columns = {_column(name): _field(concept) for name, concept in words.columns.items()}
    rows = {"type": "array", "items": {"type": "object", "properties": columns}}
    asked = {name: _field(concept) for name, concept in words.concepts.items()}
    schema = {"type": "object", "properties": {**asked, _ROWS: rows}}
    answer = extract([document], {"schema": schema})
    sure = {path for path, proof in answer.evidence.items() if proof.confidence >= _SURE}
    fields = {name: field for name, field in asked.items() if name in sure}
    used = {
        name: field
        for name, field in columns.items()
        if any(row.get(name) is not None for row in answer.value[_ROWS])
    }
    if len(used) > 1:
        items = {"type": "object", "properties": used}
        fields[_ROWS] = {"type": "array", "items": items}
    return fields


def _column(name: str) -> str:
    return name.removeprefix("line_")


def _field(concept: Concept) -> Schema:
    description = next(iter(concept.names), concept.id.replace("_", " ")).capitalize()
    if concept.kind == "date":
        return _date(description)
    kind = "number" if concept.kind in _NUMBERS else "string"
    return {"type": [kind, "null"], "description": description}


def _date(description: str) -> Schema:
    return {"type": ["string", "null"], "extend:type": "date", "description": description}


def _labelled(documents: Sequence[Document]) -> Iterator[tuple[str, Schema]]:
    """Fields for labels that the vocabulary does not know, typed by the values behind them."""
    samples: dict[str, list[str]] = defaultdict(list)
    habits = conventions(sheets(documents))
    words = vocabulary()
    common = {label for entry in words.concepts.values() for label in (*entry.labels, *entry.weak)}
    for page in sheets(documents):
        for line in page.lines:
            for label, value in _pairs(line):
                if key(label) not in common and len(label.split()) <= _LABEL_WORDS:
                    samples[label].append(value)
    for label, values in samples.items():
        yield _name(label), _typed(label, values, habits)


def _pairs(line: Line) -> Iterator[tuple[str, str]]:
    """Labels that end in a colon, each with what stands behind it or in the next cell."""
    following = [cell.text for cell in line.cells[1:]] + [""]
    for cell, after in zip(line.cells, following, strict=True):
        match = _PAIR.match(cell.text)
        if match and any(char.isalpha() for char in match["label"]):
            value = match["value"] or ("" if _PAIR.match(after) else after)
            if value:
                yield match["label"], value


def _name(label: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")
    return plain or re.sub(r"\s+", "_", label.strip())


def _typed(label: str, values: Sequence[str], habits: Conventions) -> Schema:
    if all(_is_date(value, habits) for value in values):
        return _date(label)
    number = all(_is_number(value, habits) for value in values)
    return {"type": ["number" if number else "string", "null"], "description": label}


def _is_date(text: str, habits: Conventions) -> bool:
    found = dates_in(text, day_first=habits.day_first, languages=habits.languages)
    return any(date.end - date.start >= len(text.strip()) for date in found)


def _is_number(text: str, habits: Conventions) -> bool:
    found = numbers_in(text, habits.decimal)
    return any(number.end - number.start >= len(text.strip()) for number in found)
