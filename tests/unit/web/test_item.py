"""An item's rows, lists, spots and sheets, from answers of any shape."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.web.world import SCHEMA

from evaluand.domain.documents import Box, PageSize
from evaluand.domain.model import Score
from evaluand.evaluators.documents import EXTRACTOR
from evaluand.testing.builders import a_file
from evaluand.web.item.rows import Verdict, class_rows, field_rows, plain_rows, split_rows
from evaluand.web.item.sheets import AT_ONCE, sheets
from evaluand.web.item.spots import Spot, spots
from evaluand.web.item.tables import Table, tables
from evaluand.web.item.values import ABSENT, at_path, member, same, up_to_list

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def scored(expected: Any, extracted: Any, **options: Any) -> Score:
    found = EXTRACTOR.score({"schema": SCHEMA}, options, {"value": expected}, {"value": extracted})
    return Score(metric="field_accuracy", value=found.value, passed=None, detail=found.detail)


def one_table(expected: list[Any], extracted: list[Any], **options: Any) -> Table:
    truth, value = {"lines": expected}, {"lines": extracted}
    return tables(scored(truth, value, **options), truth, value, {})[0]


def verdicts(table: Table) -> list[list[Verdict]]:
    return [[cell.verdict for cell in line.cells] for line in table.lines]


# ── Values ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a", {"b": 1, "c.d": 2}),
        ("a.b", 1),
        ("a.c.d", 2),
        ("e.f", 3),
        ("a.x", ABSENT),
        ("", ABSENT),
    ],
)
def test_a_member_is_found_by_its_dotted_name(name: str, found: object) -> None:
    assert member({"a": {"b": 1, "c.d": 2}, "e.f": 3}, name) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [("a[1].b", 2), ("a[0]", 1), ("a[2]", ABSENT), ("a.b", ABSENT), ("[0]", ABSENT)],
)
def test_a_path_leads_into_lists(path: str, found: object) -> None:
    assert at_path({"a": [1, {"b": 2}]}, path) == found


def test_a_name_is_cut_where_it_enters_a_list() -> None:
    assert up_to_list({"a": {"b": [{"c": 1}]}}, "a.b.c") == "a.b"
    assert up_to_list({"a": {"b": {"c": 1}}}, "a.b.c") == "a.b.c"


@given(JSON)
def test_every_value_is_the_same_as_itself(value: Any) -> None:
    assert same(value, value)


@pytest.mark.parametrize(
    ("one", "other"), [(True, 1), ("60", 60), (None, ""), (None, 0), ([1], [2]), (10**400, 1.5)]
)
def test_values_of_another_kind_are_not_the_same(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert not same(other, one)


def test_an_amount_survives_a_round_trip() -> None:
    assert same(0.1 + 0.2, 0.3)
    assert same(12, 12.0)


# ── Rows ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("expected", "extracted", "verdict"),
    [
        ("ACME", "ACME", Verdict.RIGHT),
        ("ACME", "ACMF", Verdict.WRONG),
        ("ACME", None, Verdict.MISSING),
        (None, "ACME", Verdict.INVENTED),
        (None, None, Verdict.RIGHT),
    ],
)
def test_a_field_has_the_verdict_of_the_metric(
    expected: Any, extracted: Any, verdict: Verdict
) -> None:
    truth, value = {"vendor": expected}, {"vendor": extracted}

    row = field_rows(scored(truth, value), truth, value, {})[0]

    assert (row.name, row.expected, row.extracted) == ("vendor", expected, extracted)
    assert row.verdict is verdict


def test_what_nobody_asked_for_is_shown_without_a_verdict() -> None:
    value = {"vendor": "ACME", "total": 3.0, "lines": [{"what": "nails", "amount": None}]}

    rows = field_rows(scored({"vendor": "ACME"}, value), {"vendor": "ACME"}, value, {})

    assert [(row.name, row.verdict) for row in rows] == [
        ("vendor", Verdict.RIGHT),
        ("total", Verdict.UNASKED),
        ("lines", Verdict.UNASKED),
    ]
    assert rows[-1].extracted == '[{"what": "nails", "amount": null}]'


@settings(deadline=None)  # the first one loads the library that pairs rows
@given(JSON, JSON)
def test_answers_of_any_shape_have_rows(expected: Any, extracted: Any) -> None:
    truth, value = (
        {"vendor": expected, "lines": extracted},
        {"vendor": extracted, "lines": expected},
    )
    score = scored(truth, value)

    rows = field_rows(score, truth, value, {})
    lists = tables(score, truth, value, {})

    assert rows[0].name == "vendor"
    assert all(len(line.cells) == len(each.columns) for each in lists for line in each.lines)


def test_plain_answers_are_compared_as_written() -> None:
    rows = plain_rows({"a": 1, "b": "x"}, {"a": 1.0, "b": "y", "c": 2})

    assert [(row.name, row.verdict) for row in rows] == [
        ("a", Verdict.SAME),
        ("b", Verdict.DIFFERS),
        ("c", Verdict.UNASKED),
    ]
    assert {row.verdict for row in plain_rows(None, {"a": 1})} == {Verdict.UNASKED}


def test_a_class_is_shown_with_its_id_where_that_says_more() -> None:
    expected, output = {"id": "c1", "type": "bill"}, {"id": "bill", "type": "bill"}
    score = Score(metric="class_accuracy", value=0.0, passed=False, detail={"part": 0})

    row = class_rows(score, expected, output | {"confidence": 0.25})[0]

    assert (row.expected, row.extracted, row.verdict) == ("bill (c1)", "bill", Verdict.WRONG)
    assert class_rows(score, expected, None)[0].verdict is Verdict.MISSING
    assert class_rows(None, None, output)[0].verdict is not Verdict.RIGHT


def split(kind: str, start: int, end: int) -> dict[str, Any]:
    return {"classificationId": kind, "type": kind, "startPage": start, "endPage": end}


def test_splits_stand_beside_those_over_the_same_pages() -> None:
    truth = {"splits": [split("bill", 1, 2), split("letter", 3, 3), split("bill", 4, 5)]}
    found = {"splits": [split("bill", 1, 2), split("bill", 3, 3), split("bill", 4, 4), "?"]}

    rows = split_rows(truth, found)

    assert [(row.name, row.verdict) for row in rows] == [
        ("pages 1 to 2", Verdict.RIGHT),
        ("page 3", Verdict.WRONG),
        ("page 4", Verdict.INVENTED),
        ("pages 4 to 5", Verdict.MISSING),
    ]
    assert {row.verdict for row in split_rows(None, found)} == {Verdict.UNASKED}


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────


def line(what: str, amount: float | None) -> dict[str, Any]:
    return {"what": what, "amount": amount}


def test_rows_stand_in_the_pairing_of_the_score() -> None:
    table = one_table(
        [line("nails", 1.0), line("screws", 2.0), line("glue", 3.0)],
        [line("screws", 2.0), line("paint", 9.0), line("nails", 1.5)],
    )

    # Glue and paint have nothing in common, but both are left over: they are compared.
    assert table.columns == ("what", "amount")
    assert verdicts(table) == [
        [Verdict.RIGHT, Verdict.WRONG],
        [Verdict.RIGHT, Verdict.RIGHT],
        [Verdict.WRONG, Verdict.WRONG],
    ]
    assert not table.lenient


def test_rows_without_a_partner_are_invented_or_missing_as_a_whole() -> None:
    superfluous = one_table([line("nails", 1.0)], [line("nails", 1.0), line("glue", None)])
    lacking = one_table([line("nails", 1.0), line("glue", None)], [line("nails", 1.0)])

    assert superfluous.lines[-1].verdict is Verdict.INVENTED
    assert verdicts(superfluous)[-1] == [Verdict.INVENTED] * 2
    assert lacking.lines[-1].verdict is Verdict.MISSING
    assert not superfluous.lenient
    assert not lacking.lenient


def test_what_was_counted_as_right_is_not_called_wrong() -> None:
    table = one_table(
        [line("Steel nails, 40 mm", 1.0)],
        [line("steel nails 40 mm", 1.0)],
        fuzzyMatchFields=["lines.what"],
    )

    assert verdicts(table) == [[Verdict.DIFFERS, Verdict.RIGHT]]
    assert table.lenient


def test_long_lists_are_cut_and_say_so() -> None:
    rows = [line(f"item {number}", float(number)) for number in range(250)]

    table = one_table(rows, rows)

    assert (len(table.lines), table.left_out) == (200, 50)


# ── Spots and sheets ─────────────────────────────────────────────────────────────────────────────


def test_a_spot_names_its_value_and_gives_its_box_some_air() -> None:
    output = {
        "value": {"lines": [{"amount": 12.5}]},
        "evidence": {
            "lines[0].amount": {"confidence": 0.5, "page": 2, "box": [10, 20, 30, 40], "file": 1}
        },
    }

    found = spots(output)["lines[0].amount"]

    assert (found.label, found.page, found.file) == ("lines[0].amount: 12.5", 2, 1)
    assert found.box == Box(8.5, 18.5, 31.5, 41.5)


@pytest.mark.parametrize(
    "box",
    [None, "abcd", [1, 2, 3], [1, 2, 3, "4"], [3, 0, 1, 1], [0, 0, float("inf"), 1], [True] * 4],
)
def test_nonsense_is_no_box(box: Any) -> None:
    assert spots({"value": {}, "evidence": {"a": {"page": 1, "box": box}}})["a"].box is None


@given(JSON)
def test_evidence_of_any_shape_does_no_harm(evidence: Any) -> None:
    assert isinstance(spots({"value": evidence, "evidence": evidence}), dict)
    assert isinstance(spots({"value": evidence, "evidence": {"a": evidence}}), dict)


def spot(file: int, page: int) -> Spot:
    return Spot(
        number=1, path="a", value="", confidence=None, file=file, page=page, box=Box(0, 0, 1, 1)
    )


def test_pages_of_all_files_follow_each_other_a_few_at_a_time() -> None:
    files = [a_file("a.pdf"), a_file("b.txt"), a_file("c.pdf")]
    sizes = {0: [PageSize(1, 2)] * 8, 1: [], 2: [PageSize(3, 4)] * 5}

    first, second = (sheets(files, sizes, [spot(2, 3)], start) for start in (1, 11))

    assert [sheet.file_name for sheet in first.shown] == ["a.pdf"] * 8 + ["c.pdf"] * 2
    assert [(sheet.number, len(sheet.spots)) for sheet in second.shown] == [(3, 1), (4, 0), (5, 0)]
    assert (first.before, first.after) == (None, 11)
    assert (second.before, second.after, second.total) == (1, None, 13)


@given(st.integers(), st.integers(min_value=0, max_value=40))
def test_any_start_shows_pages_that_exist(first: int, total: int) -> None:
    shown = sheets([a_file()], {0: [PageSize(1, 1)] * total}, [], first)

    assert len(shown.shown) == min(AT_ONCE, total - shown.first + 1)
    assert 1 <= shown.first <= max(1, total)
