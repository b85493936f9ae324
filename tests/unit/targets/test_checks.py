"""The rules for processor configurations, each with what it lets pass and what it stops."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from evaluand.domain.model import TargetKind
from evaluand.errors import InvalidConfig
from evaluand.targets.documents.checks import check_config, check_ready

TEXT = {"type": ["string", "null"]}


def schema(**properties: Any) -> dict[str, Any]:
    return {"schema": {"type": "object", "properties": properties}}


def extraction(config: dict[str, Any]) -> None:
    check_config(TargetKind.EXTRACTOR, config)


def refusal(config: dict[str, Any], kind: TargetKind = TargetKind.EXTRACTOR) -> str:
    with pytest.raises(InvalidConfig) as caught:
        check_config(kind, config)
    return caught.value.message


@pytest.mark.parametrize("kind", list(TargetKind))
def test_an_empty_configuration_is_a_draft(kind: TargetKind) -> None:
    check_config(kind, {})


@pytest.mark.parametrize(
    "field",
    [
        TEXT,
        {"type": ["number", "null"], "description": "as printed"},
        {"enum": ["a", "b", None]},
        {"type": ["string", "null"], "enum": ["a", None]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "object", "properties": {"amount": TEXT}}},
        {"type": ["string", "null"], "extend:type": "date"},
        {
            "type": "object",
            "extend:type": "currency",
            "properties": {"amount": {"type": ["number", "null"]}, "iso_4217_currency_code": TEXT},
        },
        {"type": "object", "extend:type": "signature"},
    ],
)
def test_fields_an_extractor_can_have(field: dict[str, Any]) -> None:
    extraction(schema(field=field))


@pytest.mark.parametrize(
    ("field", "rule", "path"),
    [
        ({"type": "string"}, "nullable", "schema.properties.field"),
        ({"enum": ["a", "b"]}, "nullable", "schema.properties.field"),
        ({"type": ["object", "null"]}, "must not be nullable", "schema.properties.field"),
        ({"type": ["array", "null"], "items": TEXT}, "must not be null", "schema.properties.field"),
        (
            {"anyOf": [{"type": "array", "items": TEXT}, {"type": "null"}]},
            "must not be nullable",
            "schema.properties.field",
        ),
        ({"enum": ["a", 1, None]}, "strings and null only", "schema.properties.field.enum"),
        ({"type": "array"}, "needs 'items'", "schema.properties.field"),
        ({"description": "?"}, "needs a 'type'", "schema.properties.field"),
        (True, "described by an object", "schema.properties.field"),
        ({**TEXT, "extend:type": "barcode"}, "must be one of", "schema.properties.field"),
        ({**TEXT, "extend:type": "currency"}, "type object", "schema.properties.field"),
        (
            {"type": "object", "extend:type": "currency", "properties": {"amount": TEXT}},
            "iso_4217_currency_code",
            "schema.properties.field",
        ),
        ({"type": "text"}, "no valid JSON Schema", "schema.properties.field.type"),
        ({"$ref": "https://example.com/a"}, "into the schema itself", "schema"),
        ({**TEXT, "pattern": "("}, "no valid JSON Schema", "schema.properties.field.pattern"),
        (
            {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "number"}}}},
            "nullable",
            "schema.properties.field.items.properties.a",
        ),
    ],
)
def test_fields_an_extractor_cannot_have(field: Any, rule: str, path: str) -> None:
    message = refusal(schema(field=field))
    assert rule in message
    assert message.endswith(f"Path: {path}")


@pytest.mark.parametrize("root", [{"type": "array", "items": TEXT}, {"properties": {}}, "text"])
def test_the_root_is_an_object(root: Any) -> None:
    assert "Path: schema" in refusal({"schema": root})


def nested(levels: int) -> dict[str, Any]:
    field: dict[str, Any] = TEXT
    for _ in range(levels - 1):
        field = {"type": "object", "properties": {"inner": field}}
    return schema(field=field)


def test_five_levels_are_enough() -> None:
    extraction(nested(5))
    assert "5 levels" in refusal(nested(6))


def test_a_schema_that_contains_itself_is_refused() -> None:
    config = schema(child={"$ref": "#"})
    assert "contain itself" in refusal(config)


def test_references_in_a_circle_end() -> None:
    config = schema(a={"anyOf": [{"$ref": "#/$defs/x"}, {"type": "null"}]})
    config["schema"]["$defs"] = {"x": {"$ref": "#/$defs/x"}}
    assert "Path: " in refusal(config)


def test_references_that_unfold_without_end_are_bounded() -> None:
    fan = {f"p{i}": {"$ref": "#/$defs/next"} for i in range(60)}
    defs = {
        "next": {"type": "object", "properties": {k: {"$ref": "#/$defs/last"} for k in fan}},
        "last": {"type": "object", "properties": {f"q{i}": TEXT for i in range(60)}},
    }
    config = {"schema": {"type": "object", "properties": fan, "$defs": defs}}
    assert "unfolds" in refusal(config)


class Address(BaseModel):
    city: str | None


class Line(BaseModel):
    amount: float | None
    kind: Literal["goods", "service"] | None = None


class Invoice(BaseModel):
    number: str | None = Field(description="as printed")
    vendor: Address
    lines: list[Line]
    tags: list[str]


class Strict(BaseModel):
    number: str


class Loose(BaseModel):
    vendor: Address | None


def test_pydantic_models_pass() -> None:
    extraction({"schema": Invoice.model_json_schema()})


def test_a_pydantic_model_with_a_plain_field_is_refused_where_it_stands() -> None:
    message = refusal({"schema": Strict.model_json_schema()})
    assert message.endswith("Path: schema.properties.number")


def test_a_pydantic_model_with_an_optional_object_is_refused() -> None:
    assert "must not be nullable" in refusal({"schema": Loose.model_json_schema()})


def test_a_rule_broken_behind_a_reference_is_shown_at_its_definition() -> None:
    config = schema(vendor={"$ref": "#/$defs/Vendor"})
    config["schema"]["$defs"] = {
        "Vendor": {"type": "object", "properties": {"a": {"type": "integer"}}}
    }
    assert refusal(config).endswith("Path: schema.$defs.Vendor.properties.a")


def test_the_older_form_is_refused() -> None:
    assert "older API versions" in refusal({"fields": []})


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"baseProcessor": "extraction_magic"}, "baseProcessor"),
        ({"extractionRules": 3}, "extractionRules"),
        ({"schema": []}, "schema"),
        ({"advancedOptions": {"citationMode": "page"}}, "advancedOptions.citationMode"),
        (
            {"advancedOptions": {"pageRanges": [{"start": "1"}]}},
            "advancedOptions.pageRanges[0].start",
        ),
        ({"engine": "baseline"}, "engine"),
    ],
)
def test_known_members_have_their_types(config: dict[str, Any], path: str) -> None:
    assert refusal(config).endswith(f"Path: {path}")


def test_null_and_unknown_members_are_left_alone() -> None:
    extraction({"schema": None, "advancedOptions": None, "someday": {"a": 1}})


CLASSES = [
    {"id": "a", "type": "invoice", "description": "bills"},
    {"id": "b", "type": "other", "description": "the rest"},
]
KINDS = [
    (TargetKind.CLASSIFIER, "classifications"),
    (TargetKind.SPLITTER, "splitClassifications"),
]


@pytest.mark.parametrize(("kind", "member"), KINDS)
def test_classes_pass(kind: TargetKind, member: str) -> None:
    check_config(kind, {member: CLASSES})


@pytest.mark.parametrize(("kind", "member"), KINDS)
@pytest.mark.parametrize(
    ("classes", "path"),
    [
        ([CLASSES[0], {**CLASSES[1], "id": "a"}], "{}[1].id"),
        ([{"id": "a", "type": "invoice"}], "{}[0]"),
        ([{**CLASSES[0], "type": " "}], "{}[0].type"),
        ([{**CLASSES[0], "id": 7}], "{}[0].id"),
        ({"a": CLASSES[0]}, "{}"),
    ],
)
def test_classes_that_cannot_work(kind: TargetKind, member: str, classes: Any, path: str) -> None:
    assert refusal({member: classes}, kind).endswith(f"Path: {path.format(member)}")


@pytest.mark.parametrize(("kind", "member"), KINDS)
def test_classes_are_required(kind: TargetKind, member: str) -> None:
    assert member in refusal({"baseVersion": "1.0.0"}, kind)


@pytest.mark.parametrize(
    ("kind", "path"),
    [(TargetKind.EXTRACTOR, "schema"), *KINDS],
)
def test_a_draft_without_anything_to_find_is_not_ready(kind: TargetKind, path: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        check_ready(kind, {})
    assert caught.value.message.endswith(f"Path: {path}")


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        (TargetKind.EXTRACTOR, schema(number=TEXT)),
        *((kind, {member: CLASSES}) for kind, member in KINDS),
        (TargetKind.PIPELINE, {}),
    ],
)
def test_a_complete_configuration_is_ready(kind: TargetKind, config: dict[str, Any]) -> None:
    check_ready(kind, config)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "items", "$ref", "anyOf", "enum", "extend:type", "a"]
            ),
            inner | st.sampled_from(["object", "array", "string", "null", "#", "#/properties/a"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(list(TargetKind)))
def test_whatever_comes_is_accepted_or_refused(value: Any, kind: TargetKind) -> None:
    config = {"schema": value, "classifications": value, "splitClassifications": value}
    with suppress(InvalidConfig):
        check_config(kind, config)
