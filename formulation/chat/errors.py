"""What can go wrong with a chat model, sorted by who acts next.

ChatError
├── ReplyUnusable        the model acts: it is asked again, with the reason
│   ├── EmptyReply
│   ├── TruncatedReply
│   ├── RefusedReply
│   └── MalformedReply
├── BudgetSpent          a limit was hit: the run ends with what it has
└── ChatUnavailable      whoever runs the service acts: ``setting`` names what to change
    └── RealCallRefused  a test would have left the machine
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formulation.chat.port import Usage


class ChatError(Exception):
    """Any failure of a conversation with a chat model."""


class ReplyUnusable(ChatError):
    """The model replied, but the reply cannot be used.

    ``reply`` is what came, as far as it came; ``usage`` is what it cost all the same.
    """

    def __init__(self, message: str, reply: str = "", usage: Usage | None = None) -> None:
        super().__init__(message)
        self.reply = reply
        self.usage = usage


class EmptyReply(ReplyUnusable):
    """The reply holds no text."""


class TruncatedReply(ReplyUnusable):
    """The reply was cut off: by the limit on its length, or because the stream ended early."""


class RefusedReply(ReplyUnusable):
    """The model declined to answer."""


class MalformedReply(ReplyUnusable):
    """The reply is not JSON, or not the JSON that was asked for."""


class BudgetSpent(ChatError):
    """A call would exceed the budget. ``limit`` is tokens, cost or calls."""

    def __init__(self, message: str, limit: str) -> None:
        super().__init__(message)
        self.limit = limit


class ChatUnavailable(ChatError):
    """The endpoint cannot be used; ``setting`` names the setting to look at."""

    def __init__(self, message: str, setting: str = "MILPWRIGHT_CHAT_BASE_URL") -> None:
        super().__init__(message)
        self.setting = setting


class RealCallRefused(ChatUnavailable):
    """The environment forbids calls that leave the machine."""
