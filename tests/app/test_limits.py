"""The limits of rate that all processes of the service share."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from app.errors import TooManyRequests
from app.jobs.database import MIGRATIONS, make_engine, migrate
from app.jobs.store import Store
from app.keys import Client
from app.limits import RateLimit


def client(name: str, size: int | None) -> Client:
    return Client(name, name, frozenset(), requests_per_minute=size)


@pytest.fixture
def engines(database_url):
    """Two engines on one database, as two processes have them."""
    made = [make_engine(database_url) for _ in range(2)]
    migrate(made[0])
    yield made
    for engine in made:
        engine.dispose()


def passes(limit: RateLimit, who: Client) -> bool:
    try:
        limit.take(who)
    except TooManyRequests:
        return False
    return True


def test_the_bucket_is_that_of_a_plain_count(engines):
    draw, now = random.Random(5), [1_000.0]
    limits = [RateLimit(engine, clock=lambda _: now[0]) for engine in engines]
    sizes = {"a": 3, "b": 60, "c": None}
    buckets = {name: (float(size or 0), now[0]) for name, size in sizes.items()}
    for _ in range(300):
        now[0] += draw.choice([0.0, 0.25, 1.0, 8.0])
        name = draw.choice(sorted(sizes))
        size = sizes[name]
        allowed = passes(draw.choice(limits), client(name, size))
        if size is None:
            assert allowed
            continue
        level, seen = buckets[name]
        level = min(float(size), level + (now[0] - seen) * size / 60)
        assert allowed == (level >= 1.0)
        buckets[name] = (level - 1.0, now[0]) if allowed else buckets[name]


def test_processes_that_ask_at_once_share_one_bucket(engines):
    limits = [RateLimit(engine, clock=lambda _: 5.0) for engine in engines]
    who = client("shared", 20)
    with ThreadPoolExecutor(4) as pool:
        allowed = list(pool.map(lambda k: passes(limits[k % 2], who), range(60)))
    assert sum(allowed) == 20


def test_the_refusal_says_when_to_come_again(engines):
    limit = RateLimit(engines[0], clock=lambda _: 5.0)
    limit.take(client("slow", 1))
    with pytest.raises(TooManyRequests) as refused:
        limit.take(client("slow", 1))
    assert refused.value.retry_after_s == pytest.approx(60.0)


def test_a_clock_that_goes_back_takes_nothing_away(engines):
    now = [100.0]
    limit = RateLimit(engines[0], clock=lambda _: now[0])
    assert passes(limit, client("back", 2))
    now[0] = 40.0
    assert passes(limit, client("back", 2))
    assert not passes(limit, client("back", 2))


def test_a_database_of_the_first_version_is_brought_forward(database_url, monkeypatch):
    from app.jobs import database

    engine = make_engine(database_url)
    monkeypatch.setattr(database, "MIGRATIONS", MIGRATIONS[:1])
    assert migrate(engine) == 1
    with engine.begin() as connection:
        assert not sa.inspect(connection).has_table("milpwright_rates")
    monkeypatch.setattr(database, "MIGRATIONS", MIGRATIONS)
    assert migrate(engine) == len(MIGRATIONS)
    assert passes(RateLimit(engine), client("new", 1))
    assert Store(engine).spent("new") == 0.0
    engine.dispose()
