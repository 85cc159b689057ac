"""What the environment configures: the chat model of a run, and the lessons that it is lent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from formulation.chat.settings import PREFIX, ChatSettings

if TYPE_CHECKING:
    from formulation.chat.session import ChatSession, OnProgress
    from formulation.lessons import Library


def chat_from(
    environment: Mapping[str, str], on_progress: OnProgress | None = None
) -> tuple[ChatSession | None, Library | None]:
    """Return a session for one run and the lessons for it; (None, None) where no chat model is configured.

    ``MILPWRIGHT_CHAT_LESSONS`` is a folder of learned lessons, or ``off``. Raises `ChatUnavailable`, naming the
    setting, where one cannot be read.
    """
    settings = ChatSettings.from_environment(environment)
    if settings is None:
        return None, None
    from formulation.chat.session import session_of

    return session_of(settings, on_progress), library_of(settings.lessons)


def library_of(lessons: str) -> Library | None:
    """Return the lessons that the setting means. Raises `ChatUnavailable` for a folder that is not there or broken."""
    if lessons.lower() == "off":
        return None
    from formulation.chat.errors import ChatUnavailable
    from formulation.lessons import LessonError, Library

    if lessons and not Path(lessons).is_dir():
        raise ChatUnavailable(f"{PREFIX}LESSONS is {lessons!r}: there is no such folder", PREFIX + "LESSONS")
    try:
        return Library.shipped(*((Path(lessons),) if lessons else ()))
    except (LessonError, OSError) as error:
        raise ChatUnavailable(f"{PREFIX}LESSONS: {error}", PREFIX + "LESSONS") from error
