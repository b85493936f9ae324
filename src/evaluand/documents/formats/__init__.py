"""One module per file format. Each holds a ``FORMAT``; a new format is one new file here."""
