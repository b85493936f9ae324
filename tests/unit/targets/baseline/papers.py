"""Invoices of invented firms, each designed unlike the others, with what they state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.targets.baseline.paper import Columns, Paper

from evaluand.domain.documents import Document

Truth = dict[str, Any]


def _item(description: str, quantity: float, price: float, amount: float, **more: Any) -> Truth:
    row = {"description": description, "quantity": quantity, "unit_price": price, "amount": amount}
    return {"sku": None, **row, **more}


def french() -> tuple[Document, Truth]:
    """Number in the title, blanks between thousands, a deposit, a wrapped description."""
    paper = Paper().put(40, 40, "Menuiserie Dubreuil SARL", 14).put(40, 58, "12 rue des Tilleuls")
    paper.put(40, 70, "69003 Lyon").put(40, 82, "N° TVA : FR 32 512345678")
    paper.put(350, 40, "FACTURE N° F2025-118", 13).put(350, 60, "Date : 12 mars 2025")
    paper.put(350, 72, "Échéance : 11/04/2025").put(350, 84, "Votre commande : BC-4471")
    paper.put(350, 130, "Facturé à").put(350, 142, "Hôtel du Parc SAS").put(350, 154, "75116 Paris")
    columns: Columns = [(40, "left"), (330, "right"), (430, "right"), (550, "right")]
    paper.row(220, columns, "Désignation", "Qté", "P.U. HT", "Montant HT")
    paper.row(240, columns, "Porte en chêne", "2", "1 150,00 €", "2 300,00 €")
    paper.put(40, 252, "pose comprise", 9)
    paper.row(270, columns, "Poignée laiton", "4", "38,50 €", "154,00 €")
    paper.sums(
        310,
        380,
        550,
        ("Total HT", "2 454,00 €"),
        ("Remise 5 %", "-122,70 €"),
        ("TVA 20 %", "466,26 €"),
        ("Total TTC", "2 797,56 €"),
        ("Acompte versé", "500,00 €"),
        ("Net à payer", "2 297,56 €"),
    )
    truth = {
        "vendor_name": "Menuiserie Dubreuil SARL",
        "vendor_address": "12 rue des Tilleuls, 69003 Lyon",
        "vendor_tax_id": "FR 32 512345678",
        "customer_name": "Hôtel du Parc SAS",
        "invoice_number": "F2025-118",
        "purchase_order": "BC-4471",
        "issue_date": "2025-03-12",
        "due_date": "2025-04-11",
        "currency": "EUR",
        "subtotal": 2454.0,
        "discount_total": 122.7,
        "tax_rate": 0.2,
        "tax_total": 466.26,
        "total": 2797.56,
        "amount_paid": 500.0,
        "amount_due": 2297.56,
        "line_items": [
            _item("Porte en chêne pose comprise", 2, 1150.0, 2300.0),
            _item("Poignée laiton", 4, 38.5, 154.0),
        ],
    }
    return paper.document(), truth


def american() -> tuple[Document, Truth]:
    """Heads above values, quantity first, month first, a discount in parentheses."""
    paper = (
        Paper(612, 792)
        .put(40, 40, "Blue Mesa Landscaping", 18)
        .put(570, 40, "Invoice", 22, "right")
    )
    paper.put(40, 62, "77 Cactus Rd", 9).put(40, 73, "Tucson, AZ 85701", 9)
    paper.put(40, 120, "Bill To", 9).put(40, 133, "Saguaro Ridge HOA").put(40, 146, "PO Box 991")
    paper.put(250, 120, "Ship To", 9).put(250, 133, "Ridge Clubhouse").put(250, 146, "1 Ridge Loop")
    heads: Columns = [(60, "left"), (180, "left"), (300, "left"), (430, "left")]
    paper.row(200, heads, "Invoice #", "Date", "Terms", "Due Date")
    paper.row(214, heads, "10482", "3/4/2025", "Net 30", "4/3/2025")
    columns: Columns = [(40, "left"), (90, "left"), (170, "left"), (480, "right"), (570, "right")]
    paper.row(250, columns, "Qty", "Item", "Description", "Rate", "Amount")
    paper.row(266, columns, "12", "MOW-01", "Weekly mowing", "85.00", "1,020.00")
    paper.row(280, columns, "3", "TREE-9", "Mesquite tree,", "160.00", "480.00")
    paper.put(170, 292, "with drip line")
    paper.sums(
        350,
        400,
        570,
        ("Subtotal", "$1,500.00"),
        ("Discount", "($75.00)"),
        ("Sales Tax (8.7%)", "$123.98"),
        ("Total", "$1,548.98"),
        ("Payments/Credits", "-$500.00"),
        ("Balance Due", "$1,048.98"),
    )
    truth = {
        "vendor_name": "Blue Mesa Landscaping",
        "vendor_address": "77 Cactus Rd, Tucson, AZ 85701",
        "customer_name": "Saguaro Ridge HOA",
        "invoice_number": "10482",
        "issue_date": "2025-03-04",
        "due_date": "2025-04-03",
        "currency": "USD",
        "subtotal": 1500.0,
        "discount_total": 75.0,
        "tax_rate": 0.087,
        "tax_total": 123.98,
        "total": 1548.98,
        "amount_paid": 500.0,
        "amount_due": 1048.98,
        "line_items": [
            _item("Weekly mowing", 12, 85.0, 1020.0, sku="MOW-01"),
            _item("Mesquite tree, with drip line", 3, 160.0, 480.0, sku="TREE-9"),
        ],
    }
    return paper.document(), truth


def japanese() -> tuple[Document, Truth]:
    """No blanks in labels, an honorific behind the customer, amounts without cents."""
    paper = Paper().put(300, 40, "請求書", 20, "centre").put(40, 90, "青空商事株式会社 御中", 13)
    paper.put(350, 90, "請求番号: INV-0312").put(350, 104, "発行日: 2025年3月1日")
    paper.put(350, 118, "支払期限: 2025年3月31日").put(350, 150, "株式会社みどり製作所", 12)
    paper.put(350, 180, "登録番号: T1234567890123")
    columns: Columns = [(40, "left"), (330, "right"), (430, "right"), (550, "right")]
    paper.row(230, columns, "品名", "数量", "単価", "金額")
    paper.row(248, columns, "精密ネジ", "100", "¥240", "¥24,000")
    paper.row(266, columns, "組立作業", "2", "¥15,000", "¥30,000")
    paper.sums(300, 400, 550, ("小計", "¥54,000"), ("消費税(10%)", "¥5,400"), ("合計", "¥59,400"))
    truth = {
        "vendor_name": "株式会社みどり製作所",
        "vendor_tax_id": "T1234567890123",
        "customer_name": "青空商事株式会社",
        "invoice_number": "INV-0312",
        "issue_date": "2025-03-01",
        "due_date": "2025-03-31",
        "currency": "JPY",
        "subtotal": 54000.0,
        "tax_rate": 0.1,
        "tax_total": 5400.0,
        "total": 59400.0,
        "amount_due": 59400.0,
        "line_items": [
            _item("精密ネジ", 100, 240.0, 24000.0),
            _item("組立作業", 2, 15000.0, 30000.0),
        ],
    }
    return paper.document(), truth


def swiss() -> tuple[Document, Truth]:
    """A letter: the addressee in the window, apostrophes between thousands, a unit column."""
    paper = Paper().put(550, 40, "Alpsteig Treuhand AG", 12, "right")
    paper.put(550, 54, "Poststrasse 8, 9000 St. Gallen", 9, "right")
    paper.put(550, 65, "MWST-Nr. CHE-114.223.998 MWST", 9, "right")
    paper.put(60, 130, "Bergbahnen Hochwang AG").put(60, 142, "Talstation").put(
        60, 154, "7027 Lüen"
    )
    paper.put(60, 210, "Rechnung Nr. 2025-0311", 14).put(60, 232, "Datum: 14. Februar 2025")
    paper.put(60, 246, "Zahlbar bis: 16.03.2025").put(60, 260, "Ihre Bestellung: B-5521")
    columns: Columns = [(60, "left"), (110, "left"), (180, "left"), (450, "right"), (550, "right")]
    paper.row(300, columns, "Menge", "Einheit", "Bezeichnung", "Ansatz", "Total CHF")
    paper.row(318, columns, "12.50", "Std.", "Buchführung Q4", "165.00", "2'062.50")
    paper.row(332, columns, "1", "psch.", "Jahresabschluss", "1'800.00", "1'800.00")
    paper.sums(
        370,
        350,
        550,
        ("Zwischentotal", "3'862.50"),
        ("Versandkosten", "10.00"),
        ("MWST 8.1%", "313.67"),
        ("Total inkl. MWST", "CHF 4'186.17"),
    )
    truth = {
        "vendor_name": "Alpsteig Treuhand AG",
        "vendor_address": "Poststrasse 8, 9000 St. Gallen",
        "vendor_tax_id": "CHE-114.223.998 MWST",
        "customer_name": "Bergbahnen Hochwang AG",
        "invoice_number": "2025-0311",
        "purchase_order": "B-5521",
        "issue_date": "2025-02-14",
        "due_date": "2025-03-16",
        "currency": "CHF",
        "subtotal": 3862.5,
        "shipping": 10.0,
        "tax_rate": 0.081,
        "tax_total": 313.67,
        "total": 4186.17,
        "amount_due": 4186.17,
        "line_items": [
            _item("Buchführung Q4", 12.5, 165.0, 2062.5),
            _item("Jahresabschluss", 1, 1800.0, 1800.0),
        ],
    }
    return paper.document(), truth


def cloud() -> tuple[Document, Truth]:
    """The amount set large before its label, addresses without labels, nothing paid yet."""
    paper = Paper(612, 792).put(40, 40, "Invoice", 22)
    paper.put(40, 80, "Invoice number").put(140, 80, "8F2A-0007")
    paper.put(40, 94, "Date of issue").put(140, 94, "August 2, 2025")
    paper.put(40, 140, "Lumen Cloud, Inc.").put(40, 153, "548 Market St")
    paper.put(40, 166, "San Francisco, CA 94104").put(250, 140, "Bill to")
    paper.put(250, 153, "Dara Okafor").put(250, 166, "9 Elm Way")
    paper.put(40, 220, "$1,234.50 due September 1, 2025", 16)
    columns: Columns = [(40, "left"), (380, "right"), (470, "right"), (570, "right")]
    paper.row(280, columns, "Description", "Qty", "Unit price", "Amount")
    paper.row(300, columns, "Pro plan", "10", "$99.00", "$990.00")
    paper.row(332, columns, "Overage", "489", "$0.50", "$244.50")
    paper.sums(370, 380, 570, ("Subtotal", "$1,234.50"), ("Total", "$1,234.50"))
    truth = {
        "vendor_name": "Lumen Cloud, Inc.",
        "vendor_address": "548 Market St, San Francisco, CA 94104",
        "customer_name": "Dara Okafor",
        "invoice_number": "8F2A-0007",
        "issue_date": "2025-08-02",
        "due_date": "2025-09-01",
        "currency": "USD",
        "subtotal": 1234.5,
        "total": 1234.5,
        "amount_due": 1234.5,
        "line_items": [
            _item("Pro plan", 10, 99.0, 990.0),
            _item("Overage", 489, 0.5, 244.5),
        ],
    }
    return paper.document(), truth


PAPERS: dict[str, Callable[[], tuple[Document, Truth]]] = {
    "french": french,
    "american": american,
    "japanese": japanese,
    "swiss": swiss,
    "cloud": cloud,
}
