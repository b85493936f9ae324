"""Pages as a reader would yield them, made of plain lines."""

from __future__ import annotations

from evaluand.domain.documents import Box, Document, Page, Word

HEIGHT, WIDTH, LETTER = 800.0, 600.0, 10.0


def page(
    *lines: str, large: tuple[int, ...] = (), spacing: float = 16.0, number: int = 1, foot: str = ""
) -> Page:
    """A page of ``lines`` from the top; three blanks part columns; ``large`` are line indices set
    in double size; ``foot`` is printed at the bottom."""
    words: list[Word] = []
    top = 40.0
    for index, line in enumerate(lines):
        height = 2 * LETTER if index in large else LETTER
        words += _words(line, top, height)
        top += spacing + height - LETTER
    if foot:
        words += _words(foot, HEIGHT - 30, LETTER)
    text = "\n".join([*lines, foot] if foot else lines)
    return Page(number=number, width=WIDTH, height=HEIGHT, text=text, words=tuple(words))


def document(*pages: Page) -> Document:
    """The pages as one PDF, numbered in order."""
    numbered = tuple(
        Page(
            number=number,
            width=one.width,
            height=one.height,
            text=one.text,
            words=one.words,
            scanned=one.scanned,
        )
        for number, one in enumerate(pages, start=1)
    )
    return Document(name="file.pdf", kind="PDF", pages=numbered)


def _words(line: str, top: float, height: float) -> list[Word]:
    words: list[Word] = []
    left, width = 40.0, height / 2
    for column in line.split("   "):
        for word in column.split():
            right = left + width * len(word)
            words.append(Word(text=word, box=Box(left, top, right, top + height)))
            left = right + width / 2
        left += 4 * height
    return words
