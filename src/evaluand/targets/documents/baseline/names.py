"""What names and addresses look like, whoever they belong to."""

from __future__ import annotations

import re
from functools import lru_cache

from evaluand.targets.documents.baseline.dates import dates_in
from evaluand.targets.documents.baseline.text import key
from evaluand.targets.documents.baseline.values import numbers_in
from evaluand.targets.documents.baseline.vocabulary import vocabulary

_SEPARATORS = re.compile(r"\s*[·•|\u2013\u2014]\s*|\s+-\s+|\s*,\s+")
_CONTACT = re.compile(r"@|www\.|https?:|\b(?:tel|fax|phone)\b", re.IGNORECASE)
# More figures together than names have; postcodes without any letters have four or more.
_POSTCODE = re.compile(r"\d{4}")
# Sentences are no names: no company calls itself by more words.
_LONGEST_NAME = 8


def has_legal_form(text: str) -> bool:
    """Whether a company's legal form is among the words."""
    return bool(_legal_forms().search(text))


@lru_cache(maxsize=1)
def _legal_forms() -> re.Pattern[str]:
    forms = sorted(vocabulary().legal_forms, key=lambda form: (-len(form), form))
    latin = "|".join(re.escape(form) for form in forms if form.isascii() or form[0].isascii())
    rest = "|".join(re.escape(form) for form in forms if not form[0].isascii())
    upper = "|".join(re.escape(form.upper()) for form in forms if len(form) > 2)
    return re.compile(rf"(?<!\w)(?:{latin}|{upper})(?![\w])|{rest}")


def is_name(text: str) -> bool:
    """Whether a text could be a person's or a company's name: no title, contact, date or sum."""
    words = key(text)
    if sum(char.isalpha() for char in text) < 2 or text.rstrip().endswith(":"):
        return False
    titles = vocabulary().titles
    titled = words in titles or not (has_legal_form(text) or titles.isdisjoint(words.split()))
    if titled or is_contact(text) or states_value(text):
        return False
    if all(any(char.isdigit() for char in word) for word in text.split()):
        return False
    if _POSTCODE.search(text) and not has_legal_form(text):
        return False
    return len(words.split()) <= _LONGEST_NAME


def is_proper(text: str) -> bool:
    """Whether a text looks like a proper name: several words, the longer ones capitalised."""
    words = re.findall(r"[^\W\d_]+", text)
    long = [word for word in words if len(word) > 3]
    return len(words) > 1 and bool(long) and all(word[0].isupper() for word in long)


def is_return_line(text: str, sender: str) -> bool:
    """Whether a line is the sender in small print above the window: name, separator, address."""
    behind = text.removeprefix(sender)
    return behind != text and bool(_SEPARATORS.match(behind)) and is_address(behind)


def is_address(text: str) -> bool:
    """Whether a line could be a part of an address: words and digits, no date, no sum."""
    digits = any(char.isdigit() for char in text)
    words = [word for word in key(text).split() if len(word) > 2]
    return digits and bool(words) and not is_contact(text) and not states_value(text)


def is_contact(text: str) -> bool:
    """Whether a line gives a telephone number, an e-mail or web address."""
    return bool(_CONTACT.search(text))


def states_value(text: str) -> bool:
    """Whether a text gives a date or an amount of money."""
    money = any(found.currency or found.has_cents for found in numbers_in(text))
    return money or any(dates_in(text))


def bare_name(text: str) -> str:
    """A name without what may follow it on its line: a form of address, the address itself."""
    name = text.strip(" ,;:")
    for honorific in vocabulary().honorifics:
        name = name.removesuffix(honorific).rstrip()
    form = _legal_forms().search(name)
    if form and re.match(r"\s*,\s+\S*\d|\s*,\s+.*\d", name[form.end() :]):
        return name[: form.end()]
    return name
