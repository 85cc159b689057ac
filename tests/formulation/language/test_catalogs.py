"""Every sentence of the code is in every catalog, with the placeholders that it has in the code."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from formulation.language import LANGUAGES, gettext, ngettext, speaking
from formulation.language.catalog import CATALOGS

ROOT = Path(__file__).resolve().parents[3]


def sentences():
    """The (context, message) pairs of the code; a message with plural forms is the pair of its English ones."""
    found = set()
    for directory in ("app", "formulation", "milpwright"):
        for _, _, message, _, context in extract_from_dir(ROOT / directory, [("**.py", "python")]):
            found.add((context, message))
    return found


def placeholders(sentence):
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.fixture(scope="module")
def said():
    return sentences()


def test_the_sentences_of_the_code_are_found(said):
    assert (None, "The largest possible value of {what} is {value}.") in said
    assert len(said) > 150


def test_the_languages_are_those_promised():
    assert set(LANGUAGES) >= {"en", "de", "fr", "es", "pt", "it", "nl", "pl", "zh", "ja"}


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_each_sentence_is_translated_with_its_placeholders(said, language):
    with (CATALOGS / language / "LC_MESSAGES" / "milpwright.po").open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)
    held = {(message.context, message.id): message for message in catalog if message.id}
    assert set(held) == said, "run scripts/catalogs"
    for (context, message), entry in held.items():
        english = message if isinstance(message, tuple) else (message,)
        forms = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        assert not entry.fuzzy
        assert len(forms) == (catalog.num_plurals if isinstance(message, tuple) else 1)
        for form in forms:
            assert form, (context, message)
            assert placeholders(form) == placeholders(english[-1]), (message, form)
            # A sentence stays a sentence: it ends as the English one does.
            assert bool(re.search(r"[.。]$", form)) == english[-1].endswith("."), (message, form)


def test_a_count_takes_the_plural_form_of_the_language():
    def rows(count):
        return ngettext("{count} row", "{count} rows", count).format(count=count)

    with speaking("pl"):
        assert [rows(count) for count in (1, 2, 5, 12, 22)] == [
            "1 wiersz", "2 wiersze", "5 wierszy", "12 wierszy", "22 wiersze",
        ]  # fmt: skip
    with speaking("fr"):
        assert [rows(count) for count in (0, 1, 2)] == ["0 ligne", "1 ligne", "2 lignes"]
    with speaking("ja"):
        assert [rows(count) for count in (1, 2)] == ["1 行", "2 行"]
    assert [rows(count) for count in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]


def test_a_language_is_spoken_within_its_context_only():
    with speaking("de"):
        with speaking("sv"):
            assert gettext("Not understood") == "Not understood"
        assert gettext("Not understood") == "Nicht verstanden"
    assert gettext("Not understood") == "Not understood"
