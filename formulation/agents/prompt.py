"""Prompts as files beside the agents, and the marks that set a user's material apart from instructions."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from formulation.chat.port import Message, Role

_VERSION = re.compile(r"<!--\s*version:\s*(\d+)\s*-->\s*")


@cache
def prompt(agent: str, part: int = 0) -> str:
    """Return the text of an agent's prompt file, or of one of its parts, without the version line."""
    text = files("formulation.agents").joinpath(f"{agent}.md").read_text(encoding="utf-8")
    return _VERSION.sub("", text.split("\n---\n")[part]).strip()


@cache
def version(agent: str) -> str:
    """Return the version that an agent's prompt file states, with those of its parts: ``formulator/1``."""
    text = files("formulation.agents").joinpath(f"{agent}.md").read_text(encoding="utf-8")
    return f"{agent}/{'.'.join(_VERSION.findall(text))}"


def marked(mark: str, text: str) -> str:
    """Return the text between marks that it cannot forge: what looks like one of our marks inside is defused."""
    safe = re.sub(rf"<(/?\s*{re.escape(mark)})", r"‹\1", text, flags=re.IGNORECASE)
    return f"<{mark}>\n{safe.strip()}\n</{mark}>"


def conversation(system: str, *parts: str) -> tuple[Message, ...]:
    """Return a system message and one user message made of the parts that are not empty."""
    return (Message(Role.SYSTEM, system), Message(Role.USER, "\n\n".join(part for part in parts if part)))
