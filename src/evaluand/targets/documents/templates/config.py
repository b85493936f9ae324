"""Templates as users write them: found, checked, and brought to one explicit form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from evaluand.errors import InvalidConfig, MissingExtra
from evaluand.targets.documents.templates.written import load_yaml

Template = dict[str, Any]

SUPPLIED_BY_THE_LIBRARY = frozenset({"template_name", "desc"})
"""What invoice2data adds to every answer about itself."""

_FIELD = "engine.templates"
_PARSERS = frozenset({"regex", "lines", "static"})
_TYPES = frozenset({"int", "float", "date", "datetime"})
_CONVERSIONS = frozenset({"type", "types", "group", "replace", "extract_number"})
_BLOCK_PATTERNS = ("start", "end", "line", "first_line", "last_line", "skip_line", "line_separator")

_RUNAWAY = re.compile(
    r"\((?:\?:|\?P<\w+>)?(?:\[(?:\\.|[^\]\\])+\]|\\?[^()\\[\]])[+*]\)(?:[+*]|\{\d+,\})"
)
"""A repeated group that is nothing but a repetition, such as ``(a+)+``: it takes exponential time
on text that almost matches. Other slow patterns are stopped by the time limit of the process."""


# YAML is read at some 100 kB a second while the client waits; a large template has 5 kB.
_MOST_CHARACTERS = 200_000


def resolve(engine: Mapping[str, Any]) -> list[Template]:
    """The templates an engine config lists, each as an object of its own with a name.

    An entry is a template object, its YAML text, or the name of a template that comes with
    invoice2data (its file name, with or without ``.yml``).

    Raises:
        InvalidConfig: nothing is listed, or an entry is none of the three or breaks a rule; the
            message says which one and why.
        MissingExtra: a name is given and invoice2data is not installed.
    """
    entries = engine.get("templates")
    if not isinstance(entries, list) or not entries:
        raise InvalidConfig("'engine.templates' must list one template or more", field=_FIELD)
    if sum(len(entry) for entry in entries if isinstance(entry, str)) > _MOST_CHARACTERS:
        raise InvalidConfig(
            f"'engine.templates' holds more than {_MOST_CHARACTERS} characters of YAML: give the"
            " templates as objects",
            field=_FIELD,
        )
    return [_resolved(entry, index) for index, entry in enumerate(entries)]


def _resolved(entry: object, index: int) -> Template:
    where = f"{_FIELD}[{index}]"
    found = _load(entry, where) if isinstance(entry, str) else entry
    if not isinstance(found, Mapping):
        raise InvalidConfig(
            f"{where} must be a template object, YAML text or the name of a shipped template,"
            f" not {type(found).__name__}",
            field=where,
        )
    template = deepcopy(dict(found))
    template.setdefault("template_name", f"template {index + 1}")
    problem = next(_problems(template), None)
    if problem:
        name = template["template_name"]
        raise InvalidConfig(f"{where} ({name}): {problem}", field=where)
    return template


def _load(entry: str, where: str) -> object:
    if "\n" not in entry and ":" not in entry:
        path = _shipped().get(entry.strip().removesuffix(".yml"))
        if path is None:
            raise InvalidConfig(
                f"{where}: no template named '{entry}' comes with invoice2data;"
                " give the template itself, as an object or as YAML text",
                field=where,
            )
        return {"template_name": path.name, **yaml.safe_load(path.read_text(encoding="utf-8"))}
    return load_yaml(entry, where)


@cache
def _shipped() -> Mapping[str, Path]:
    spec = find_spec("invoice2data")
    if spec is None or spec.origin is None:
        raise MissingExtra.named("documents", "extracting with templates")
    folder = Path(spec.origin).parent / "extract" / "templates"
    return {path.name.removesuffix(".yml"): path for path in sorted(folder.rglob("*.yml"))}


def _problems(template: Template) -> Iterator[str]:
    keywords = template.get("keywords")
    listed = keywords if isinstance(keywords, list) else [keywords]
    if not listed or not all(isinstance(word, str) and word for word in listed):
        yield "'keywords' must name text that the documents contain"
    fields = template.get("fields")
    if not isinstance(fields, dict) or not fields:
        yield "'fields' must name what to extract"
        return
    if not isinstance(template.get("priority", 5), int | float):
        yield "'priority' must be a number"
    options = template.get("options", {})
    if not isinstance(options, dict):
        yield "'options' must be an object"
    elif len(str(options.get("decimal_separator", "."))) != 1:
        yield "'options.decimal_separator' must be one character"
    for name, field in fields.items():
        if not str(name).startswith("static_"):
            yield from (f"field '{name}': {problem}" for problem in _field_problems(field))


def _field_problems(field: object) -> Iterator[str]:
    settings = field if isinstance(field, dict) else {"parser": "regex", "regex": field}
    parser = settings.get("parser")
    if not isinstance(parser, str) or parser not in _PARSERS:
        yield f"'parser' must be one of {', '.join(sorted(_PARSERS))}"
    elif parser == "static" and "value" not in settings:
        yield "a static field needs a 'value'"
    elif parser == "regex":
        yield from _pattern_problems("regex", settings.get("regex"))
        yield from _type_problems([settings.get("type")])
    elif parser == "lines":
        rules = settings.get("rules", [settings])
        for rule in rules if isinstance(rules, list) else [rules]:
            yield from _rule_problems(rule)


def _rule_problems(rule: object) -> Iterator[str]:
    if not isinstance(rule, dict):
        yield "each of the 'rules' must be an object"
        return
    for key in ("start", "end", "line"):
        if key not in rule:
            yield f"'{key}' is missing"
    for key in _BLOCK_PATTERNS:
        if key in rule:
            yield from _pattern_problems(key, rule[key])
    types = rule.get("types", {})
    if isinstance(types, dict):
        yield from _type_problems(types.values())
    else:
        yield "'types' must be an object"


def _type_problems(types: Iterable[object]) -> Iterator[str]:
    for kind in types:
        if kind is not None and (not isinstance(kind, str) or kind not in _TYPES):
            yield f"type '{kind}' must be one of {', '.join(sorted(_TYPES))}"


def _pattern_problems(key: str, patterns: object) -> Iterator[str]:
    for pattern in patterns if isinstance(patterns, list) else [patterns]:
        if not isinstance(pattern, str):
            yield f"'{key}' must be a regular expression"
            continue
        try:
            groups = re.compile(pattern).groups
        except (re.error, OverflowError, RecursionError) as error:
            yield f"'{key}' is not a regular expression: {error} in {pattern!r}"
            continue
        if key == "regex" and groups > 1:
            yield f"'{key}' may hold one group only (use (?:...)): {pattern!r}"
        if _RUNAWAY.search(pattern):
            yield f"'{key}' repeats a repetition, which can take forever: {pattern!r}"


def explicit(template: Template) -> Template:
    """A copy without defaults that would invent values: no currency, no required fields, and
    fields written as bare patterns spelled out with the type their name implies."""
    result = deepcopy(template)
    result["options"] = {"currency": None, **result.get("options", {})}
    result.setdefault("required_fields", [])
    fields: dict[str, Any] = {}
    for name, field in result["fields"].items():
        if isinstance(field, dict) or name.startswith("static_"):
            fields[name] = field
        elif name.startswith("sum_amount") and isinstance(field, list):
            fields[name[len("sum_") :]] = {**_regex(field, "float"), "group": "sum"}
        elif name.startswith("date") or name.endswith("date"):
            fields[name] = _regex(field, "date")
        else:
            fields[name] = _regex(field, "float" if name.startswith("amount") else None)
    result["fields"] = fields
    return result


def as_printed(template: Template) -> Template:
    """A copy of an explicit template that yields the text as printed: without conversions,
    replacements and values that the template itself supplies."""
    result = deepcopy(template)
    result["required_fields"] = []
    result["options"]["currency"] = None
    result["fields"] = {
        name: {key: field[key] for key in field if key not in _CONVERSIONS}
        for name, field in result["fields"].items()
        if not name.startswith("static_") and field["parser"] != "static"
    }
    return result


def _regex(patterns: Any, kind: str | None) -> dict[str, Any]:
    return {"parser": "regex", "regex": patterns} | ({"type": kind} if kind else {})
