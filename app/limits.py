"""How often one client may ask: a token bucket for each, in the database, so that all processes share it."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from app.errors import TooManyRequests
from app.jobs.database import now, rates
from app.keys import Client

_NEW = sa.text("INSERT INTO milpwright_rates (client, level, at) VALUES (:client, :level, :at) ON CONFLICT DO NOTHING")


class RateLimit:
    """A bucket for each client, as large as its requests per minute and filled evenly.

    The buckets are rows of ``milpwright_rates``; one statement fills one and takes from it, so that two processes
    never take the same request. Clients without a limit pass without a statement. ``clock`` is the database's, since
    each machine with a clock of its own would fill the bucket anew.
    """

    def __init__(self, engine: sa.Engine, *, clock: Callable[[sa.Connection], float] = now) -> None:
        self._engine, self._clock = engine, clock

    def take(self, client: Client) -> None:
        """Take one request out of the client's bucket. Raises `TooManyRequests` where it is empty."""
        size = client.requests_per_minute
        if size is None:
            return
        mine = rates.c.client == client.id
        with self._engine.begin() as connection:
            moment = self._clock(connection)
            passed = sa.case((rates.c.at < moment, moment - rates.c.at), else_=0.0)
            filled = rates.c.level + passed * (size / 60.0)
            level = sa.case((filled < float(size), filled), else_=float(size))
            connection.execute(_NEW, {"client": client.id, "level": float(size), "at": moment})
            taken = connection.execute(sa.update(rates).where(mine, level >= 1.0).values(level=level - 1.0, at=moment))
            if taken.rowcount:
                return
            left = float(connection.execute(sa.select(level).where(mine)).scalar_one())
        raise TooManyRequests(
            f"The key {client.name!r} may ask {size} times a minute.", retry_after_s=(1.0 - left) * 60.0 / size
        )
