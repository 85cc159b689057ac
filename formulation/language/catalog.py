"""Sentences in the language that is spoken just now: GNU gettext, whose msgids are the English sentences.

What is said goes through `gettext`, `ngettext` or `pgettext` and is formatted after, by `str.format` with named
fields. ``scripts/catalogs`` collects the sentences of the code and brings the catalogs up to date.
"""

from __future__ import annotations

import gettext as gnu
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

DOMAIN = "milpwright"
CATALOGS = Path(__file__).parent / "locale"
ENGLISH = "en"
LANGUAGES = (ENGLISH, *sorted(path.name for path in CATALOGS.iterdir() if (path / "LC_MESSAGES").is_dir()))
"""The languages that an answer can be in, as ISO 639 codes, English first: it needs no catalog."""

_current: ContextVar[str] = ContextVar("language", default=ENGLISH)


def current() -> str:
    """Return the language that is spoken just now."""
    return _current.get()


def spoken(language: str) -> str:
    """Return the language that an answer to a text in ``language`` is in: English where there is no catalog of it."""
    return language if language in LANGUAGES else ENGLISH


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language within this context, and in the threads that `asyncio.to_thread` starts from it."""
    token = _current.set(spoken(language))
    try:
        yield
    finally:
        _current.reset(token)


def gettext(message: str) -> str:
    """Return a sentence in the language spoken; the English one where its catalog lacks it."""
    return message if current() == ENGLISH else _translations(current()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """Return a sentence in the plural form that the language has for ``count``."""
    if current() == ENGLISH:
        return one if count == 1 else many
    return _translations(current()).ngettext(one, many, count)


def pgettext(context: str, message: str) -> str:
    """Return what is said in a context that tells it from the same words elsewhere."""
    return message if current() == ENGLISH else _translations(current()).pgettext(context, message)


@cache
def _translations(language: str) -> gnu.GNUTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (CATALOGS / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalog = read_po(file, locale=language, domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)
