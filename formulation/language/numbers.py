"""Numbers as the language spoken writes them, after the Unicode CLDR."""

from __future__ import annotations

import re

from formulation.language.catalog import current

_PATTERN = "#,##0.####"

_CONTINENTAL = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:[.\u00a0\u202f]\d{3})+(?:,\d+)?|\d+,\d+)(?![\d.,]*\d)")
_SWAPPED = str.maketrans(".,\u00a0\u202f", ",.,,")


def number(value: float) -> str:
    """Return a number as people write it: thousands separated, at most four decimals, an exponent at the extremes."""
    from babel.numbers import format_decimal, format_scientific

    if abs(value - round(value)) <= 1e-9 * max(1.0, abs(value)) and abs(value) < 1e15:
        return str(format_decimal(round(value), format=_PATTERN, locale=current()))
    if abs(value) >= 1e15 or abs(value) < 1e-4:
        return str(format_scientific(value, format="0.#####E0", locale=current()))
    return str(format_decimal(value, format=_PATTERN, locale=current()))


def quantity(value: float, unit: str) -> str:
    """Return a number with its unit; a currency sign stands where the language puts it, a minus before both."""
    if unit in ("$", "€", "£", "¥"):
        from babel import Locale

        pattern = Locale.parse(current()).currency_formats["standard"].pattern
        return f"{'-' if value < 0 else ''}{_beside(pattern, unit, number(abs(value)))}"
    return f"{number(value)} {unit}".rstrip()


def with_english_numbers(text: str, language: str) -> str:
    """Return a text, of the same length, with the numbers of a language with a decimal comma as English writes them.

    ``1.200,5`` becomes ``1,200.5``; what such a language does not write, such as ``1.25``, stays.
    """
    from babel import UnknownLocaleError
    from babel.numbers import get_decimal_symbol

    try:
        comma = get_decimal_symbol(language) == ","
    except (UnknownLocaleError, ValueError):
        comma = False
    return _CONTINENTAL.sub(lambda written: written[0].translate(_SWAPPED), text) if comma else text


def _beside(pattern: str, sign: str, amount: str) -> str:
    """Return a currency's sign on the side of the amount, and as near to it, as a CLDR pattern has it."""
    positive = pattern.split(";")[0]
    space = "\N{NO-BREAK SPACE}" if "\N{NO-BREAK SPACE}" in positive else ""
    return f"{sign}{space}{amount}" if positive.startswith("¤") else f"{amount}{space}{sign}"
