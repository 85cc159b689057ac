"""Every check that a reading may fail has a sentence, and a name that stays."""

from __future__ import annotations

import re

import pytest

from formulation.embedded.failed import PLACED, SENTENCES, Check


@pytest.mark.parametrize("check", Check)
def test_a_check_has_one_sentence_or_is_told_at_its_places(check):
    assert (check in SENTENCES) != (check in PLACED)


@pytest.mark.parametrize("check", Check)
def test_the_name_of_a_check_is_plain(check):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", check.code)


def test_no_two_checks_say_the_same():
    assert len(set(SENTENCES.values())) == len(SENTENCES)
