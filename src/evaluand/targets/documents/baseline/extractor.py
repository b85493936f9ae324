"""The baseline extractor: documents and a schema in, values with their evidence out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evaluand.domain.documents import Box, Document, Evidence, Extraction
from evaluand.targets.documents.baseline.answers import Answer
from evaluand.targets.documents.baseline.conventions import Conventions, conventions
from evaluand.targets.documents.baseline.layout import Sheet, sheets
from evaluand.targets.documents.baseline.lists import found_list
from evaluand.targets.documents.baseline.scalars import found_scalars, labelled_lines
from evaluand.targets.documents.baseline.schema import (
    Leaf,
    assembled,
    item_schema,
    leaves,
    says_zero,
)
from evaluand.targets.documents.baseline.tables import Found, found_table
from evaluand.targets.documents.baseline.text import key

# Columns nearly every list of items has: finding them keeps items apart from totals even when
# the schema asks for no table.
_USUAL_TABLE = Leaf(
    path="",
    shape="table",
    columns=tuple(
        Leaf(path=name, shape="scalar", type="string" if name == "description" else "number")
        for name in ("description", "quantity", "unit_price", "amount")
    ),
)


def extract(documents: Sequence[Document], config: Mapping[str, Any]) -> Extraction:
    """What ``documents`` say about every property of ``config["schema"]``.

    Several documents count as one, in their order. Properties without a printed value are null
    (or what the schema or the extraction rules give for that case), arrays empty. Nothing is
    computed: every value stands on a page, where its evidence points.
    """
    schema = config.get("schema")
    if not isinstance(schema, Mapping):
        return Extraction(value={})
    pages = sheets(documents)
    habits = conventions(pages)
    asked = leaves(schema)
    tables = _tables(asked, pages, habits)
    taken = frozenset(cell for found in tables.values() for cell in found.cells)
    scalars = [leaf for leaf in asked if leaf.shape in ("scalar", "money")]
    items = next((found.total for found in tables.values() if found.total is not None), None)
    answers = found_scalars(scalars, pages, habits, taken, items)
    lists = {leaf.path: found_list(leaf, pages, habits) for leaf in asked if leaf.shape == "list"}
    rules = str(config.get("extractionRules") or "")
    values: dict[str, Any] = {leaf.path: _value(leaf, answers, rules) for leaf in scalars}
    for leaf in asked:
        if leaf.shape == "table":
            values[leaf.path] = _rows(schema, leaf, tables[leaf.path])
        elif leaf.shape == "list":
            values[leaf.path] = [answer.value for answer in lists[leaf.path]]
    return Extraction(
        value=assembled(schema, values.get), evidence=dict(_evidence(answers, tables, lists))
    )


def _tables(asked: Sequence[Leaf], pages: Sequence[Sheet], habits: Conventions) -> dict[str, Found]:
    labelled = labelled_lines(pages)
    wanted = [leaf for leaf in asked if leaf.shape == "table"] or [_USUAL_TABLE]
    return {leaf.path: found_table(leaf, pages, habits, labelled) for leaf in wanted}


def _value(leaf: Leaf, answers: Mapping[str, Answer], rules: str) -> Any:
    if leaf.path in answers:
        return answers[leaf.path].value
    if leaf.shape == "money":
        return {"amount": leaf.default, "iso_4217_currency_code": None}
    numeric = leaf.type in ("number", "integer")
    return 0 if leaf.default is None and numeric and _zero_by_rule(leaf, rules) else leaf.default


def _zero_by_rule(leaf: Leaf, rules: str) -> bool:
    """Whether a sentence of the extraction rules gives 0 for this field when it is not printed."""
    for sentence in re.split(r"(?<=[.;\n])\s+|\n", rules):
        named = leaf.path in sentence or f" {key(leaf.name)} " in f" {key(sentence)} "
        if named and says_zero(sentence):
            return True
    return False


def _rows(schema: Mapping[str, Any], leaf: Leaf, found: Found) -> list[dict[str, Any]]:
    item = item_schema(schema, leaf.path)
    defaults = {column.path: column.default for column in leaf.columns}
    rows = [
        {path: answer.value for path, answer in record.entries.items()} for record in found.records
    ]
    return [assembled(item, {**defaults, **row}.get) for row in rows]


def _evidence(
    answers: Mapping[str, Answer],
    tables: Mapping[str, Found],
    lists: Mapping[str, Sequence[Answer]],
) -> Iterator[tuple[str, Evidence]]:
    for path, answer in answers.items():
        names = list(answer.value) if isinstance(answer.value, dict) else [None]
        for name in names:
            yield path if name is None else f"{path}.{name}", _of(answer)
    for path, found in tables.items():
        # The table that was only looked for to keep its lines apart has no path.
        for number, record in enumerate(found.records if path else ()):
            for column, entry in record.entries.items():
                yield f"{path}[{number}].{column}", _of(entry)
    for path, entries in lists.items():
        for number, entry in enumerate(entries):
            yield f"{path}[{number}]", _of(entry)


def _of(answer: Answer) -> Evidence:
    sheet = answer.sheet
    box = Box(*(round(edge, 2) for edge in answer.box)) if sheet.placed else None
    return Evidence(
        confidence=answer.confidence,
        page=sheet.number,
        box=box,
        text=answer.text,
        file=sheet.file,
    )
