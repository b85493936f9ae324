"""Extraction by templates: regular expressions per layout, run by invoice2data.

The config's engine is ``{"kind": "templates", "templates": [...], "fields": {...}}``: see
``template_config.resolve`` for what a template may be; ``fields`` maps schema properties to
template fields of other names, such as ``{"line_items": "lines"}``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evaluand.domain.documents import Document, Extraction
from evaluand.errors import DocumentUnreadable, InvalidConfig, MissingExtra
from evaluand.targets.documents.templates.config import Template, as_printed, explicit, resolve
from evaluand.targets.documents.templates.evidence import evidence_of
from evaluand.targets.documents.templates.text import DocumentText
from evaluand.targets.documents.templates.values import Shaper, empty, merged

if TYPE_CHECKING:
    from invoice2data.extract.invoice_template import InvoiceTemplate

# A library only speaks when the application configures logging: a field that does not match is an
# ordinary result here, not something to print for every document.
logging.getLogger("invoice2data").addHandler(logging.NullHandler())

# What the library raises when an option, checked by nobody before, is not what it expects.
_UNFIT = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, re.error)


def extract(documents: Sequence[Document], config: Mapping[str, Any]) -> Extraction:
    """What the first fitting template reads from the first document it fits.

    The value has every property of ``config["schema"]``. Templates of higher ``priority`` go
    first. When none fits, all is null: that is an answer, not an error.

    Raises:
        InvalidConfig: a template is broken or names nothing known.
        DocumentUnreadable: a template fits, but its text is not the number it says it is.
        MissingExtra: invoice2data is not installed.
    """
    engine = _engine(config)
    templates = sorted(
        (explicit(template) for template in resolve(engine)),
        key=lambda template: -int(template.get("priority", 5)),
    )
    for number, document in enumerate(documents):
        for template in templates:
            values = _run(template, document)
            if values is not None:
                return _shaped(template, values, document, config, file=number)
    return Extraction(value=empty(config.get("schema")))


def freeze(config: Mapping[str, Any]) -> dict[str, Any]:
    """``config`` with every template written out in full, so that it means the same forever.

    Raises:
        InvalidConfig: a template is broken or names nothing known.
        MissingExtra: a template is named and invoice2data is not installed.
    """
    engine = _engine(config)
    return {**config, "engine": {**engine, "templates": resolve(engine)}}


def _engine(config: Mapping[str, Any]) -> Mapping[str, Any]:
    engine = config.get("engine")
    if not isinstance(engine, Mapping):
        raise InvalidConfig("'engine' must be an object with a list of templates", field="engine")
    fields = engine.get("fields") or {}
    if not isinstance(fields, Mapping) or not all(isinstance(to, str) for to in fields.values()):
        raise InvalidConfig(
            "'engine.fields' must map schema properties to names of template fields",
            field="engine.fields",
        )
    return engine


def _run(template: Template, document: Document) -> dict[str, Any] | None:
    """What ``template`` reads from ``document``; None if it does not fit."""
    runnable = _runnable(template)
    text = DocumentText(document)
    from invoice2data.exceptions import RequiredFieldsMissingError

    try:
        if not runnable.matches_input(document.text):
            return None
        prepared = runnable.prepare_input(document.text)
        return dict(runnable.extract(prepared, document.name, text))
    except RequiredFieldsMissingError:
        return None
    except _UNFIT as error:
        raise DocumentUnreadable(
            f"template '{template['template_name']}' fits '{document.name}' but could not be"
            f" applied: {error}; check the types and options of its fields"
        ) from error


def _runnable(template: Template) -> InvoiceTemplate:
    try:
        from invoice2data.extract.invoice_template import InvoiceTemplate
        from invoice2data.extract.loader import prepare_template
    except ImportError as error:
        raise MissingExtra.named("documents", "extracting with templates") from error
    # explicit() and as_printed() made copies: the library may write into this one.
    return InvoiceTemplate(prepare_template(template) or template)


def _shaped(
    template: Template,
    values: Mapping[str, Any],
    document: Document,
    config: Mapping[str, Any],
    *,
    file: int,
) -> Extraction:
    names = _engine(config).get("fields") or {}
    plain = as_printed(template)
    shaper = Shaper(names=names, decimal=template["options"].get("decimal_separator", "."))
    value = shaper.shape(config.get("schema"), merged(values, _run(plain, document) or {}))
    hints = _hints(plain, document.text, names)
    return Extraction(value=value, evidence=evidence_of(document, shaper.printed, hints, file=file))


def _hints(template: Template, text: str, names: Mapping[str, str]) -> dict[str, str]:
    """For each schema property filled by a pattern, the printed line in which it matched."""
    properties = {field: name for name, field in names.items()}
    hints: dict[str, str] = {}
    for name, field in template["fields"].items():
        if field["parser"] != "regex" or "area" in field:
            continue
        patterns = field["regex"] if isinstance(field["regex"], list) else [field["regex"]]
        for pattern in patterns:
            found = re.search(pattern, text)
            if found:
                start = found.start(found.re.groups)
                line = text[text.rfind("\n", 0, start) + 1 :].split("\n", 1)[0]
                hints.setdefault(properties.get(name, name), line)
    return hints
