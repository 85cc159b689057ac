"""The language of an answer: found in the text, spoken from catalogs, with numbers as that language writes them."""

from formulation.language.catalog import LANGUAGES as LANGUAGES
from formulation.language.catalog import current as current
from formulation.language.catalog import gettext as gettext
from formulation.language.catalog import ngettext as ngettext
from formulation.language.catalog import pgettext as pgettext
from formulation.language.catalog import speaking as speaking
from formulation.language.catalog import spoken as spoken
from formulation.language.detect import language_of as language_of
from formulation.language.numbers import number as number
from formulation.language.numbers import quantity as quantity
from formulation.language.numbers import with_english_numbers as with_english_numbers
