"""The offline extractor: it reads printed labels, tables and headings, and guesses nothing.

How a document becomes values, one module a step::

    layout       words  → lines of cells (deskewed, columns apart)
    conventions  lines  → how this document writes numbers, dates and money
    schema       config → leaves and tables to fill
    fields       leaf   → phrases that could be printed as its label, and a kind of value
    labels       cells  → where such phrases stand
    candidates   label  → the value beside, below or before it, typed by values and dates
    matching     all    → one label and one value per field, chosen together
    parties, headers, rows, slips      what has no label of its own: names, tables, receipts
    extractor           puts it together

Everything language-specific is data: ``vocabulary.yaml``.
"""
