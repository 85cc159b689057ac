"""The language of a text, found without a network."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from formulation.language.catalog import ENGLISH

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

    from formulation.problem import Problem

_TOLD_APART = (
    *("ar", "bg", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "nl"),
    *("no", "pl", "pt", "ro", "ru", "sk", "sv", "th", "tr", "uk", "vi", "zh"),
)
"""Widely written languages: among these few a short text is told apart far better than among all."""

LANGUAGE_TAG = r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$"
"""The form of a language's name: its ISO 639 code, and perhaps a region."""

_SURE = 0.6
"""The probability from which a text counts as one in another language than English."""

_READ = 5_000
"""The characters of a text that are looked at."""


@lru_cache(maxsize=16)
def language_of(text: str) -> str:
    """Return the ISO 639 code of the language that a text is in; English where that is not clear.

    A text with enough common English words is English at once. Any other is classified by py3langid, after Lui and
    Baldwin, "langid.py: An Off-the-shelf Language Identification Tool", ACL 2012.
    """
    from formulation.embedded.language import clearly_english

    if clearly_english(text) or not any(character.isalpha() for character in text):
        return ENGLISH
    best, probability = _identifier().classify(text[:_READ])
    return str(best) if probability >= _SURE else ENGLISH


def language_of_problem(problem: Problem) -> str:
    """Return the language in which a problem is answered: the one asked for, else that of its text."""
    asked = problem.options.language
    return asked.replace("_", "-").split("-")[0].lower() if asked else language_of(problem.text)


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_TOLD_APART))
    return identifier
