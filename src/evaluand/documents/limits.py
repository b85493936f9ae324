"""What reading one document may cost."""

from __future__ import annotations

from dataclasses import dataclass

from evaluand.errors import FileTooLarge


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLimits:
    """Bounds on one file. ``max_seconds`` and ``max_memory_mb`` are kept by the process pool.

    The settings that change them carry the prefix ``EVALUAND_DOCUMENT_`` and are named in the
    messages of the errors they lead to.
    """

    # Wall seconds. A hundred scanned pages at the measured 2 CPU seconds each, on a busy machine.
    max_seconds: float = 300.0
    # Private memory of one child. Text recognition peaks at about 600 MB on an A4 page.
    max_memory_mb: int = 1536
    # Longer documents are books: they would block a child for minutes. Split them before.
    max_pages: int = 500
    # A 500 page scan in one file stays below this.
    max_bytes: int = 100 * 2**20
    # 80 million pixels is an A3 sheet at 600 dpi.
    max_pixels: int = 80_000_000
    # About a thousand dense pages. Nobody reads, or pays a model to read, more than that.
    max_characters: int = 5_000_000
    # Measured: all strings of the scanned sample documents are read at 200, small print included.
    ocr_dpi: int = 200

    def check_bytes(self, size: int, name: str) -> None:
        """Raise FileTooLarge when a file, or what it unpacks to, has more bytes than allowed."""
        if size > self.max_bytes:
            raise FileTooLarge(
                f"'{name}' has {size / 2**20:,.0f} MB, more than the {self.max_bytes / 2**20:,.0f}"
                " MB allowed: split or shrink it, or raise EVALUAND_DOCUMENT_MAX_MB"
            )

    def check_pages(self, count: int, name: str) -> None:
        """Raise FileTooLarge when a document has more pages than allowed."""
        if count > self.max_pages:
            raise FileTooLarge(
                f"'{name}' has {count:,} pages, more than the {self.max_pages:,} allowed:"
                " split it, or raise EVALUAND_DOCUMENT_MAX_PAGES"
            )

    def check_pixels(self, width: int, height: int, name: str) -> None:
        """Raise FileTooLarge when an image unpacks to more pixels than allowed."""
        if width * height > self.max_pixels:
            raise FileTooLarge(
                f"'{name}' is an image of {width:,} x {height:,} pixels, more than the"
                f" {self.max_pixels:,} allowed: scale it down, or raise"
                " EVALUAND_DOCUMENT_MAX_PIXELS"
            )

    def check_characters(self, count: int, name: str) -> None:
        """Raise FileTooLarge when the text of a document is longer than allowed."""
        if count > self.max_characters:
            raise FileTooLarge(
                f"'{name}' holds more than the {self.max_characters:,} characters allowed:"
                " split it, or raise EVALUAND_DOCUMENT_MAX_CHARACTERS"
            )
