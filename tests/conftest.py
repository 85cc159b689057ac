"""What holds for every test."""

from __future__ import annotations

import os

# A chat endpoint that is not on this machine is refused by the client itself, before any socket is opened.
os.environ["MILPWRIGHT_REFUSE_REAL_CALLS"] = "1"
for _name in [name for name in os.environ if name.startswith("MILPWRIGHT_CHAT_")]:
    del os.environ[_name]
