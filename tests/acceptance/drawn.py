"""Documents drawn as text: what stands apart by two blanks in a drawing stands apart in the PDF.

Each design differs from the others, and from the examples, in the order of its blocks, its words
and its table. A drawing's first line is set large.
"""

from __future__ import annotations

import re
from typing import Any

from evaluand.testing.pdf import Text, make_pdf

# Courier's letters are 0.6 of its size wide, so that a column of a drawing is 5.4 points.
_SIZE, _WIDTH, _LEADING, _LARGE = 9.0, 5.4, 13.0, 16.0


def pdf(*drawings: str) -> bytes:
    """A PDF with a page for each drawing."""
    return make_pdf([_page(drawing.strip("\n").splitlines()) for drawing in drawings])


def _page(lines: list[str]) -> list[Text]:
    texts = []
    for number, line in enumerate(lines):
        size = _SIZE if number else _LARGE
        for run in re.finditer(r"\S+(?: \S+)*", line):
            x = 50 + run.start() * _WIDTH
            texts.append(
                Text(run.group(), x=x, top=40 + number * _LEADING, size=size, font="Courier")
            )
    return texts


def truth(
    header: str, sums: tuple[float | None, ...], *items: tuple[Any, ...], address: str
) -> dict[str, Any]:
    """Expected values, compactly: ``header`` has vendor, tax number, customer, invoice number,
    order, dates and currency between bars, "-" for none; ``sums`` are in the schema's order; an
    item is sku, description, quantity, price, amount and perhaps its date."""
    names = (
        *("vendor_name", "vendor_tax_id", "customer_name", "invoice_number"),
        *("purchase_order", "issue_date", "due_date", "currency"),
    )
    values = [None if value == "-" else value for value in header.split("|")]
    amounts = (
        *("subtotal", "discount_total", "shipping", "tax_rate"),
        *("tax_total", "total", "amount_paid", "amount_due"),
    )
    columns = ("sku", "description", "quantity", "unit_price", "amount", "date")
    rows = [dict.fromkeys(columns) | dict(zip(columns, item, strict=False)) for item in items]
    return {
        **dict(zip(names, values, strict=True)),
        "vendor_address": address,
        **dict(zip(amounts, sums, strict=True)),
        "line_items": rows,
    }


FOOT_ONLY = pdf(
    """
TAX INVOICE


To
Banksia Grove Body Corporate                              Invoice number
PO Box 118                                                834
Torquay VIC 3228                                          Issued
                                                          1 May 2026
                                                          Payment due
                                                          15 May 2026


Work carried out                          Hours     Rate (ex GST)      Amount (ex GST)
Safety switch replacement                   1.5           $114.00              $171.00
Switchboard upgrade, second                   6            $58.60              $351.60
stage including labels
                                                     Total ex GST              $522.60
                                                        GST (10%)               $52.26
                                                        TOTAL AUD              $574.86
"""
    + 28 * "\n"
    + """Wattlebird Electrical Pty Ltd  ABN 51 824 753 556
7 Kurrajong Drive, Geelong VIC 3220
"""
)

UNKNOWN_HEADS = pdf(
    """
Odalys Marchetti Studio
19 Tern Row, Brighton BN2 1AB

Invoice to: Kestrel & Moss Publishing
            8 Inkwell Yard, London N1 6BD

Invoice 0047, dated 2025-03-18


When         What                             How many       Each        Sum
2025-02-11   Cover design, second round           7.50     104.00     780.00
2025-02-19   Proofs                               2.00      89.90     179.80
2025-03-03   Correction of maps                   0.50     142.00      71.00

                                     All work                     £1,030.80
                                     Studio levy 20%                £206.16
                                     Total                        £1,236.96

Please pay by 2025-04-01 to account 00112233, sort code 40-11-22.
"""
)

LETTER = pdf(
    """
Hollerbach Haustechnik GmbH


Hollerbach Haustechnik GmbH - Am Kanal 17 - 33602 Bielefeld
Tagesstätte Sonnenhügel e.V.                        Rechnungs-Nr.     2025-4471
Birkenweg 4                                         Kunden-Nr.        10482
33617 Bielefeld                                     Rechnungsdatum    3. März 2025


Wir bedanken uns für Ihren Auftrag und berechnen wie folgt:

Pos.  Menge  Einh.  Bezeichnung                               E-Preis €     G-Preis €
1        24  Stk    Sechskantschraube M8x40                        0,85         20,40
                    Art.-Nr. 4711-08
2         1  Stk    Wartung der Lüftungsanlage                 1.245,00      1.245,00
                    Art.-Nr. 9001-20

                                   Summe netto                            1.265,40 €
                                   zzgl. 19,00 % Umsatzsteuer               240,43 €
                                   Rechnungsbetrag                        1.505,83 €

Zahlbar ohne Abzug bis zum 17. März 2025.
USt-IdNr.: DE811223344      HRB 40411, Bielefeld      IBAN DE11 4805 0161 0000 1234 56
"""
)

GRID = pdf(
    """
TAX INVOICE

Saptagiri Supplies Pvt. Ltd.              Invoice No.            Dated
Plot 44, Peenya Phase II                  SIS/25-26/679          22-Mar-26
Bengaluru 560058                          Delivery Note          Due on
GSTIN/UIN: 29AABCS1429B1ZX                DN-77                  21-Apr-26

Buyer (Bill to)                           Buyer's Order No.      Dispatch
Deccan Auto Components Ltd                DAC/PO/5057            Road
Pune 410501


Sl   Description of Goods       HSN/SAC     Quantity          Rate            Amount
1    Garden hose, 50 ft            8481       12 nos      2,731.25         32,775.00
2    Submersible pump              8481        2 nos     36,400.00         72,800.00
                                                     Taxable value       1,05,575.00
                                                       Levy II 18%         19,003.50
                                                       Grand Total       1,24,578.50
Amount chargeable in INR
"""
)

CARRIED_OVER = pdf(
    """
Ironvale Fasteners Corporation                                       Page 1
1 Foundry Loop
Akron, OH 44304                           INVOICE NO: IF-48546
                                          PO NO:      LM4885
SOLD TO:                                  DATE:       February 21, 2026
Lakeshore Marine Works                    PAY BY:     March 23, 2026
77 Pier Ave, Erie, PA 16507

LN   PART NUMBER   DESCRIPTION                  SHIPPED       PRICE      EXTENSION
1    TRP-8         Trolley jack                       8      120.02         960.16
2    HX-204        Hex bolts, zinc plated           150        4.65         697.50
                                                    Carried forward       1,657.66
""",
    """
Ironvale Fasteners Corporation                                       Page 2
                                          INVOICE NO: IF-48546

LN   PART NUMBER   DESCRIPTION                  SHIPPED       PRICE      EXTENSION
                                                    Brought forward       1,657.66
3    PMP-09        Submersible pump with              2      412.81         825.62
                   10 m cable
                                          SUB-TOTAL                       2,483.28
                                          LESS DISCOUNT                      49.67-
                                          SHIPPING                           55.00
                                          TAX 7%                            174.20
                                          PLEASE PAY                     $2,662.81
""",
)

PARTICLES = pdf(
    """
Factuur                                   Grachtenzicht Verhuur B.V.

                                          Herenkade 210
Aan:                                      1017 CD Amsterdam
Van der Meulen Advies                     KvK 33012345
3512 PH Utrecht                           Btw-nummer NL123456789B01

Factuurnummer         Factuurdatum         Vervaldatum
2025417               03-05-2025           24-05-2025

Aantal   Artikel   Omschrijving                     Stuksprijs         Totaal
12       1002      Bloembollen tulp, zak              € 24,50        € 294,00
3        1003      Fietsverhuur per dag               € 12,50         € 37,50

                                 Subtotaal excl. btw               € 331,50
                                 Btw 21%                            € 69,62
                                 Te betalen                        € 401,12
"""
)

INVOICES = {
    "issuer in the foot": (
        FOOT_ONLY,
        truth(
            "Wattlebird Electrical Pty Ltd|ABN 51 824 753 556|Banksia Grove Body Corporate"
            "|834|-|2026-05-01|2026-05-15|AUD",
            (522.6, 0, 0, 0.1, 52.26, 574.86, 0, 574.86),
            (None, "Safety switch replacement", 1.5, 114, 171),
            (None, "Switchboard upgrade, second stage including labels", 6, 58.6, 351.6),
            address="7 Kurrajong Drive, Geelong VIC 3220",
        ),
    ),
    "heads and sums no vocabulary knows": (
        UNKNOWN_HEADS,
        truth(
            "Odalys Marchetti Studio|-|Kestrel & Moss Publishing|0047|-|2025-03-18|2025-04-01|GBP",
            (1030.8, 0, 0, 0.2, 206.16, 1236.96, 0, 1236.96),
            (None, "Cover design, second round", 7.5, 104, 780, "2025-02-11"),
            (None, "Proofs", 2, 89.9, 179.8, "2025-02-19"),
            (None, "Correction of maps", 0.5, 142, 71, "2025-03-03"),
            address="19 Tern Row, Brighton BN2 1AB",
        ),
    ),
    "letter with return line and codes below names": (
        LETTER,
        truth(
            "Hollerbach Haustechnik GmbH|DE811223344|Tagesstätte Sonnenhügel e.V.|2025-4471|-"
            "|2025-03-03|2025-03-17|EUR",
            (1265.4, 0, 0, 0.19, 240.43, 1505.83, 0, 1505.83),
            ("4711-08", "Sechskantschraube M8x40", 24, 0.85, 20.4),
            ("9001-20", "Wartung der Lüftungsanlage", 1, 1245, 1245),
            address="Am Kanal 17, 33602 Bielefeld",
        ),
    ),
    "grid of labels above values": (
        GRID,
        truth(
            "Saptagiri Supplies Pvt. Ltd.|29AABCS1429B1ZX|Deccan Auto Components Ltd"
            "|SIS/25-26/679|DAC/PO/5057|2026-03-22|2026-04-21|INR",
            (105575, 0, 0, 0.18, 19003.5, 124578.5, 0, 124578.5),
            (None, "Garden hose, 50 ft", 12, 2731.25, 32775),
            (None, "Submersible pump", 2, 36400, 72800),
            address="Plot 44, Peenya Phase II, Bengaluru 560058",
        ),
    ),
    "table over two pages": (
        CARRIED_OVER,
        truth(
            "Ironvale Fasteners Corporation|-|Lakeshore Marine Works|IF-48546|LM4885"
            "|2026-02-21|2026-03-23|USD",
            (2483.28, 49.67, 55, 0.07, 174.2, 2662.81, 0, 2662.81),
            ("TRP-8", "Trolley jack", 8, 120.02, 960.16),
            ("HX-204", "Hex bolts, zinc plated", 150, 4.65, 697.5),
            ("PMP-09", "Submersible pump with 10 m cable", 2, 412.81, 825.62),
            address="1 Foundry Loop, Akron, OH 44304",
        ),
    ),
    "names that begin with a label's word": (
        PARTICLES,
        truth(
            "Grachtenzicht Verhuur B.V.|NL123456789B01|Van der Meulen Advies|2025417|-"
            "|2025-05-03|2025-05-24|EUR",
            (331.5, 0, 0, 0.21, 69.62, 401.12, 0, 401.12),
            ("1002", "Bloembollen tulp, zak", 12, 24.5, 294),
            ("1003", "Fietsverhuur per dag", 3, 12.5, 37.5),
            address="Herenkade 210, 1017 CD Amsterdam",
        ),
    ),
}
