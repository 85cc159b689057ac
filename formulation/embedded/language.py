"""Whether a text is English at all: the reader knows no other language, and says so."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
_COMMON = frozenset(
    (
        *("a", "an", "the", "of", "to", "in", "is", "are", "be", "and", "or", "for", "each", "every", "at", "most"),
        *("least", "with", "from", "than", "more", "no", "not", "it", "its", "they", "there", "on", "by", "as", "can"),
        *("must", "has", "have", "that", "which", "how", "many", "much", "per", "one", "two", "we", "you", "if"),
    )
)
"""English words that hardly any problem does without; few of them are words of another language."""

_FEWEST_WORDS = 12
_LEAST_SHARE = 0.12


def is_english(text: str) -> bool:
    """Return False where a text is clearly of another language: of its words, hardly any is a common English one.

    A text of under a dozen words says too little to be refused.
    """
    words = _words(text)
    if len(words) < _FEWEST_WORDS:
        foreign = sum(len(word) for word in words if not word.isascii())
        return foreign <= sum(map(len, words)) / 2
    return _enough(words)


def clearly_english(text: str) -> bool:
    """Return True where a text is certainly English; a short text, or one with other words, leaves it open."""
    words = _words(text)
    return len(words) >= _FEWEST_WORDS and _enough(words)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _enough(words: list[str]) -> bool:
    return sum(word in _COMMON for word in words) >= _LEAST_SHARE * len(words)
