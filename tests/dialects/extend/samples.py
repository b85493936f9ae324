"""Small documents with their truth, for a processor of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evaluand.testing.pdf import Text, make_pdf

NULLABLE_TEXT = {"type": ["string", "null"]}
NULLABLE_NUMBER = {"type": ["number", "null"]}
INVOICE_CONFIG: dict[str, Any] = {
    "schema": {
        "type": "object",
        "properties": {
            "invoice_number": NULLABLE_TEXT,
            "issue_date": {"type": ["string", "null"], "extend:type": "date"},
            "vendor": {"type": "object", "properties": {"name": NULLABLE_TEXT}},
            "total": NULLABLE_NUMBER,
            "line_items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "description": NULLABLE_TEXT,
                        "quantity": NULLABLE_NUMBER,
                        "amount": NULLABLE_NUMBER,
                    },
                },
            },
        },
    }
}
CLASSES: list[dict[str, Any]] = [
    {"id": "cls_invoice", "type": "invoice", "description": "Invoices that ask for payment"},
    {"id": "cls_resume", "type": "resume", "description": "Resumes: experience and education"},
    {"id": "cls_other", "type": "other", "description": "Everything else"},
]

Row = tuple[str, int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice and what is true of it."""

    number: str
    date: str = "2026-03-01"
    vendor: str = "Acme Corp"
    rows: tuple[Row, ...] = (("Gadget", 1, 40.0), ("Widget", 2, 20.0))

    @property
    def total(self) -> float:
        return sum(amount for _, _, amount in self.rows)

    @property
    def truth(self) -> dict[str, Any]:
        """The value an extractor should find."""
        return {
            "invoice_number": self.number,
            "issue_date": self.date,
            "vendor": {"name": self.vendor},
            "total": self.total,
            "line_items": [
                {"description": text, "quantity": quantity, "amount": amount}
                for text, quantity, amount in self.rows
            ],
        }

    def page(self) -> list[str | Text]:
        """The printed page."""
        lines: list[str | Text] = [
            Text(self.vendor, top=60, size=16),
            Text("INVOICE", top=90, size=14),
            Text(f"Invoice number: {self.number}", top=120),
            Text(f"Invoice date: {self.date}", top=135),
            Text("Description", top=180),
            Text("Quantity", x=300, top=180),
            Text("Amount", x=420, top=180),
        ]
        top = 200.0
        for text, quantity, amount in self.rows:
            lines += [
                Text(text, top=top),
                Text(str(quantity), x=300, top=top),
                Text(f"{amount:.2f}", x=420, top=top),
            ]
            top += 16
        return [*lines, Text(f"Total: {self.total:.2f}", x=380, top=top + 20)]

    def pdf(self) -> bytes:
        """The invoice as a file."""
        return make_pdf([self.page()])


def resume_page(name: str) -> list[str | Text]:
    """A page that is no invoice."""
    return [
        Text(name, top=60, size=16),
        Text("Curriculum vitae", top=90, size=14),
        Text("Work experience", top=130, size=12),
        Text("2019 - 2025 Software engineer at Example Ltd", top=150),
        Text("Education", top=190, size=12),
        Text("2015 - 2019 University of Oslo, computer science", top=210),
        Text("Skills: Python, SQL, teaching", top=240),
    ]


def resume_pdf(name: str = "Ada Berg") -> bytes:
    """A resume as a file."""
    return make_pdf([resume_page(name)])


def pack_pdf() -> bytes:
    """Two invoices and a resume in one file, one page each."""
    first, second = Invoice(number="INV-901"), Invoice(number="INV-902", vendor="Beta LLC")
    return make_pdf([first.page(), second.page(), resume_page("Ada Berg")])
