"""How often one client may ask: a token bucket for each."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from app.errors import TooManyRequests
from app.keys import Client


class RateLimit:
    """A bucket for each client, as large as its requests per minute and filled evenly. In one process.

    Clients without a limit pass. At most ``clients`` buckets are kept, those asked for last.
    """

    def __init__(self, *, clients: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._clients, self._clock = clients, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: Client) -> None:
        """Take one request out of the client's bucket. Raises `TooManyRequests` where it is empty."""
        size = client.requests_per_minute
        if size is None:
            return
        now = self._clock()
        level, seen = self._buckets.pop(client.id, (float(size), now))
        level = min(float(size), level + (now - seen) * size / 60.0)
        self._buckets[client.id] = (max(level - 1.0, 0.0) if level >= 1.0 else level, now)
        if len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        if level < 1.0:
            raise TooManyRequests(
                f"The key {client.name!r} may ask {size} times a minute.", retry_after_s=(1.0 - level) * 60.0 / size
            )
