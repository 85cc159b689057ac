from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from app.errors import Conflict, NotFound, TooManyRequests
from app.jobs.database import MIGRATIONS, SchemaTooNew, make_engine, migrate
from app.jobs.executor import is_dead
from app.jobs.job import JobState
from app.jobs.runtime import Role, Runtime
from app.jobs.store import Executor, Store
from app.jobs.workflows import JOBS_VERSION
from app.settings import Settings
from formulation.problem import Problem


@asynccontextmanager
async def started(settings, script, role=Role.ALL):
    runtime = Runtime(settings, script, role=role)
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop()


async def done(runtime, new, seconds=120):
    job, _ = await runtime.submit(new)
    return await runtime.wait(job.id, None, seconds)


def test_a_job_ends_with_its_answer_and_its_events_in_order(settings, script, new_job):
    async def main():
        async with started(settings, script) as runtime:
            job = await done(runtime, new_job())
            told = [event async for event in runtime.follow(job.id)]
            return job, told

    job, told = asyncio.run(main())
    assert job.state is JobState.FINISHED
    assert job.status == "infeasible"
    assert json.loads(job.answer)["text"] == "a problem"
    assert [e.kind for e in told if e.kind != "progress"] == ["queued", "started", *["solve_failed"] * 3, "finished"]
    assert [e.seq for e in told] == sorted({e.seq for e in told})
    assert [e.step for e in told if e.step is not None] == [0, 1, 2]
    assert script.performed == [("a problem", 0), ("a problem", 1), ("a problem", 2)]


def test_a_job_that_cannot_be_begun_fails_and_does_not_hang(settings, script, new_job):
    async def main():
        async with started(settings, script) as runtime:
            return await done(runtime, new_job("no beginning"))

    job = asyncio.run(main())
    assert job.state is JobState.FAILED
    assert json.loads(job.error)["status"] == 500
    assert "secret" not in job.error


def test_more_jobs_than_slots_are_all_done_once(settings, script, new_job):
    settings = settings.model_copy(update={"slots": 3})

    async def main():
        async with started(settings, script) as runtime:
            submitted = [await runtime.submit(new_job(f"p{k}")) for k in range(40)]
            return await asyncio.gather(*(runtime.wait(job.id, None, 120) for job, _ in submitted))

    jobs = asyncio.run(main())
    assert {job.state for job in jobs} == {JobState.FINISHED}
    assert sorted(script.performed) == sorted((f"p{k}", s) for k in range(40) for s in range(3))


def test_the_client_who_asks_little_does_not_wait_for_the_one_who_asks_much(settings, script, new_job):
    settings = settings.model_copy(update={"slots": 1})
    script.held_from = 0

    async def main():
        async with started(settings, script) as runtime:
            much = [await runtime.submit(new_job(f"much {k}", "greedy")) for k in range(12)]
            little, _ = await runtime.submit(new_job("little", "modest"))
            script.held_from = None
            for job, _ in [*much, (little, True)]:
                await runtime.wait(job.id, None, 120)

    asyncio.run(main())
    order = list(dict.fromkeys(title for title, _ in script.performed))
    # One job was being worked on and one had been fetched when the modest client came.
    assert len(order) == 13
    assert order.index("little") <= 2


def test_an_idempotency_key_gives_the_job_of_the_first_time(settings, script, new_job):
    async def main():
        async with started(settings, script) as runtime:
            new = new_job(idempotency_key="k", request_hash="h")
            jobs = await asyncio.gather(*(runtime.submit(new) for _ in range(8)))
            with pytest.raises(Conflict):
                await runtime.submit(new_job(idempotency_key="k", request_hash="other"))
            other, _ = await runtime.submit(new_job(idempotency_key="k", request_hash="h", owner="you"))
            await runtime.wait(jobs[0][0].id, None, 120)
            await runtime.wait(other.id, None, 120)
            return jobs, other

    jobs, other = asyncio.run(main())
    assert len({job.id for job, _ in jobs}) == 1
    assert sum(new for _, new in jobs) == 1
    assert other.id != jobs[0][0].id


def test_too_many_waiting_jobs_are_refused(settings, script, new_job):
    settings = settings.model_copy(update={"slots": 1, "max_queued_per_client": 2})
    script.held_from = 0

    async def main():
        async with started(settings, script) as runtime:
            for _ in range(3):
                await runtime.submit(new_job())
            with pytest.raises(TooManyRequests) as refused:
                await runtime.submit(new_job())
            return refused.value

    assert asyncio.run(main()).retry_after_s > 0


def test_a_running_job_is_cancelled_in_the_middle_of_a_step(settings, script, new_job):
    script.held_from = 0

    async def main():
        async with started(settings, script) as runtime:
            job, _ = await runtime.submit(new_job())
            while not script.performed:
                await asyncio.sleep(0.01)
            await runtime.cancel(job.id, "me")
            return await runtime.wait(job.id, None, 120)

    assert asyncio.run(main()).state is JobState.CANCELLED
    assert script.cancelled == [("a problem", 0)]


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(settings, script, new_job):
    async def main():
        async with started(settings, script, Role.API) as runtime:
            job, _ = await runtime.submit(new_job())
            return await runtime.cancel(job.id, "me")

    assert asyncio.run(main()).state is JobState.CANCELLED
    assert script.performed == []


def test_who_follows_a_job_that_is_deleted_is_let_go(settings, script, new_job):
    script.held_from = 0

    async def main():
        async with started(settings, script) as runtime:
            job, _ = await runtime.submit(new_job())
            told = []
            async for event in runtime.follow(job.id):
                told.append(event.kind)
                if event.kind == "started":
                    with runtime.engine.begin() as connection:
                        connection.execute(sa.text("DELETE FROM milpwright_jobs"))
                    runtime.watch.tell(job.id)
            return told

    assert asyncio.run(main()) == ["queued", "started"]


def test_a_job_that_works_again_is_not_deleted(settings, script, new_job):
    async def main():
        async with started(settings, script) as runtime:
            asked = await done(runtime, new_job("question"))
            script.held_from = 0
            # The client answers while another request of its own is about to delete the job.
            await runtime.answer_questions(asked, Problem("question", answers=(("q1", "forty"),)), {"q1": "forty"})
            await runtime.delete([asked])
            script.held_from = None
            return await runtime.wait(asked.id, None, 120)

    assert asyncio.run(main()).status == "infeasible"


def test_another_clients_job_is_not_found(settings, script, new_job):
    async def main():
        async with started(settings, script) as runtime:
            job = await done(runtime, new_job())
            with pytest.raises(NotFound):
                await runtime.cancel(job.id, "you")
            with pytest.raises(NotFound):
                await runtime.wait(job.id, "you", 0)

    asyncio.run(main())


def test_a_bug_fails_the_job_with_a_problem_document_and_no_secret(settings, script, new_job):
    async def main():
        async with started(settings, script) as runtime:
            return await done(runtime, new_job("bug"))

    job = asyncio.run(main())
    assert job.state is JobState.FAILED
    assert json.loads(job.error)["status"] == 500
    assert "secret" not in job.error


def test_the_time_limit_ends_a_job_with_an_answer(settings, script, new_job):
    script.held_from = 0

    async def main():
        async with started(settings, script) as runtime:
            return await done(runtime, new_job(time_limit_s=0.3))

    job = asyncio.run(main())
    assert job.state is JobState.FINISHED
    assert json.loads(job.answer)["termination"]["limit"] == "time"
    assert script.cancelled == script.performed


def test_the_time_in_which_nobody_worked_on_a_job_does_not_count(settings, script, new_job):
    async def submitted():
        async with started(settings, script, Role.API) as runtime:
            await runtime.submit(new_job(time_limit_s=60.0))

    async def main():
        engine = make_engine(settings.database_url)
        with engine.begin() as connection:
            # A process of another machine began the job, told of it for 20 seconds, and has been gone for an hour.
            connection.execute(sa.text("UPDATE milpwright_jobs SET state = 'running', executor = 'gone'"))
            connection.execute(sa.text("UPDATE milpwright_jobs SET started_at = created_at - 3620"))
            schema = "dbos." if engine.dialect.name == "postgresql" else ""
            connection.execute(sa.text(f"UPDATE {schema}workflow_status SET status = 'PENDING', executor_id = 'gone'"))
            connection.execute(sa.text("UPDATE milpwright_events SET at = at - 3605"))
            connection.execute(sa.text("DELETE FROM milpwright_executors"))
            connection.execute(
                sa.text(
                    "INSERT INTO milpwright_executors"
                    " SELECT 'gone', 'elsewhere', 1, 'all', '1', 0, created_at - 3602 FROM milpwright_jobs"
                )
            )
        engine.dispose()
        async with started(settings, script) as runtime:
            (job,) = await runtime.io(runtime.store.page, owner="me")
            job = await runtime.wait(job.id, None, 120)
            return job, [event.kind async for event in runtime.follow(job.id) if event.step is None]

    asyncio.run(submitted())
    job, told = asyncio.run(main())
    assert job.status == "infeasible"
    # It had worked for 18 seconds and may have for the 2 more until it was due to show itself again.
    assert 20.0 <= job.finished_at - job.started_at < 60.0
    assert [kind for kind in told if kind != "progress"] == ["queued", "handed_over", "started", "finished"]


@pytest.mark.postgres
def test_a_machine_whose_clock_is_wrong_cuts_no_job_short_and_deletes_none(postgres, script, new_job, monkeypatch):
    settings = Settings(database_url=postgres.new_database(), drain_s=0.0, log_level="error")
    script.held_from = 1

    async def begun():
        async with started(settings, script) as runtime:
            job, _ = await runtime.submit(new_job("long"))
            while ("long", 1) not in script.performed:
                await asyncio.sleep(0.01)
            return job

    async def taken_up(job):
        async with started(settings, script) as runtime:
            job = await runtime.wait(job.id, None, 120)
            await runtime.duties.clean()
            return job, await runtime.io(runtime.store.page, owner="me")

    job = asyncio.run(begun())
    script.held_from = None
    true_time = time.time
    monkeypatch.setattr(time, "time", lambda: true_time() + 40 * 86_400)
    job, kept = asyncio.run(taken_up(job))
    assert job.status == "infeasible"
    assert [left.id for left in kept] == [job.id]
    assert abs(job.finished_at - true_time()) < 3600


def test_an_answered_question_continues_the_same_job(settings, script, new_job):
    async def main():
        async with started(settings, script) as runtime:
            asked = await done(runtime, new_job("question"))
            problem = Problem("question", answers=(("q1", "forty"),))
            await runtime.answer_questions(asked, problem, {"q1": "forty"})
            with pytest.raises(Conflict):
                await runtime.answer_questions(asked, problem, {"q1": "forty"})
            answered = await runtime.wait(asked.id, None, 120)
            told = [event.kind async for event in runtime.follow(asked.id) if event.kind != "progress"]
            with pytest.raises(Conflict):
                await runtime.answer_questions(answered, problem, {})
            return asked, answered, told

    asked, answered, told = asyncio.run(main())
    assert (asked.status, answered.status) == ("needs_answers", "infeasible")
    assert json.loads(answered.answer)["explanation"] == "forty"
    assert answered.round == 1
    assert told.index("answers_given") == told.index("finished") + 1


def test_draining_lets_short_jobs_end_and_hands_long_ones_over(settings, script, new_job):
    async def cut_off():
        async with started(settings, script) as runtime:
            running, _ = await runtime.submit(new_job("long"))
            while ("long", 1) not in script.performed:
                await asyncio.sleep(0.01)
            return running

    async def taken_up(job):
        async with started(settings, script) as runtime:
            return await runtime.wait(job.id, None, 120)

    settings = settings.model_copy(update={"drain_s": 0.0})
    script.held_from = 1
    running = asyncio.run(cut_off())
    script.held_from = None
    job = asyncio.run(taken_up(running))
    assert job.state is JobState.FINISHED
    # The first step had ended and is not performed again; the one that was cut off is.
    assert script.performed.count(("long", 0)) == 1
    assert script.performed[-1] == ("long", 2)
    assert script.recorded == ["step 0"]


def test_the_jobs_of_a_dead_process_are_taken_over(settings, script, new_job):
    async def submitted():
        async with started(settings, script, Role.API) as runtime:
            await runtime.submit(new_job("queued"))

    async def main():
        engine = make_engine(settings.database_url)
        with engine.begin() as connection:
            # A process that took the job, began nothing, and is gone for an hour.
            connection.execute(sa.text("UPDATE milpwright_jobs SET state = 'running', executor = 'gone'"))
            connection.execute(sa.text("DELETE FROM milpwright_executors"))
            dead = Executor("gone", "elsewhere", 1, "all", JOBS_VERSION, time.time() - 3600, time.time() - 3600)
            table = sa.table("milpwright_executors", *(sa.column(name) for name in Executor.__dataclass_fields__))
            connection.execute(sa.insert(table).values({name: getattr(dead, name) for name in Executor.__slots__}))
        engine.dispose()
        async with started(settings, script) as runtime:
            (job,) = await runtime.io(runtime.store.page, owner="me")
            return await runtime.wait(job.id, None, 120)

    asyncio.run(submitted())
    assert asyncio.run(main()).state is JobState.FINISHED


@pytest.mark.parametrize(
    ("machine", "there", "silent_s", "dead"),
    [
        ("here", True, 20.0, False),  # a busy machine delays the signs of life
        ("here", True, 61.0, True),
        ("here", False, 0.0, True),
        ("elsewhere", True, 9.0, False),
        ("elsewhere", True, 11.0, True),
    ],
)
def test_a_silent_process_counts_as_dead_later_where_it_is_still_to_be_seen(machine, there, silent_s, dead):
    gone = subprocess.Popen(["true"])
    gone.wait()
    other = Executor("e", machine, os.getppid() if there else gone.pid, "worker", JOBS_VERSION, 0.0, 1000.0)
    assert is_dead(other, machine="here", now=1000.0 + silent_s, lease_s=10.0) is dead


def test_who_had_the_id_of_this_process_before_is_dead():
    other = Executor("e", "here", os.getpid(), "worker", JOBS_VERSION, 0.0, 1000.0)
    assert is_dead(other, machine="here", now=1000.0, lease_s=10.0)


def test_jobs_of_a_version_that_nobody_runs_are_moved_or_failed(settings, script, new_job):
    async def submitted():
        async with started(settings, script, Role.API) as runtime:
            waiting, _ = await runtime.submit(new_job("waiting"))
            begun, _ = await runtime.submit(new_job("begun"))
            return waiting, begun

    async def main(waiting, begun):
        engine = make_engine(settings.database_url)
        with engine.begin() as connection:
            schema = "dbos." if engine.dialect.name == "postgresql" else ""
            connection.execute(sa.text(f"UPDATE {schema}workflow_status SET application_version = '0'"))
            connection.execute(sa.text("UPDATE milpwright_jobs SET version = '0'"))
            connection.execute(
                sa.text("UPDATE milpwright_jobs SET state = 'running', executor = 'gone' WHERE id = :id"),
                {"id": begun.id},
            )
        engine.dispose()
        async with started(settings, script) as runtime:
            return await runtime.wait(waiting.id, None, 120), await runtime.wait(begun.id, None, 120)

    waiting, begun = asyncio.run(main(*asyncio.run(submitted())))
    assert waiting.state is JobState.FINISHED
    assert begun.state is JobState.FAILED
    assert json.loads(begun.error)["status"] == 503


def test_old_jobs_are_deleted_with_all_that_is_kept_of_them(settings, script, new_job):
    async def main():
        async with started(settings, script) as runtime:
            old = await done(runtime, new_job("old"))
            with runtime.engine.begin() as connection:
                connection.execute(sa.text("UPDATE milpwright_jobs SET finished_at = finished_at - 31 * 86400"))
            new = await done(runtime, new_job("new"))
            await runtime.duties.clean()
            with pytest.raises(NotFound):
                await runtime.io(runtime.store.get, old.id)
            left = await runtime.io(runtime.workflows._client.list_workflows)
            return old, new, await runtime.io(runtime.store.events, old.id), left

    _old, new, events, workflows = asyncio.run(main())
    assert events == []
    assert [workflow.workflow_id for workflow in workflows] == [new.workflow]


def test_a_database_of_a_later_version_is_refused(database_url):
    engine = make_engine(database_url)
    assert migrate(engine) == len(MIGRATIONS)
    assert migrate(engine) == len(MIGRATIONS)
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO milpwright_schema (version, at) VALUES (99, 0)"))
    with pytest.raises(SchemaTooNew):
        migrate(engine)
    engine.dispose()


def test_a_job_is_a_trace_with_a_span_for_each_step(tmp_path, script, new_job, monkeypatch):
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from app import tracing

    settings = Settings(database_url=f"sqlite:///{tmp_path}/jobs.sqlite3")
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(tracing, "_tracer", None)
    assert tracing.configure_tracing(exporter)
    from opentelemetry import trace

    async def main():
        async with started(settings, script) as runtime:
            return await done(runtime, new_job())

    job = asyncio.run(main())
    trace.get_tracer_provider().shutdown()
    spans = exporter.get_finished_spans()
    (whole,) = [span for span in spans if span.name == "job"]
    steps = [span for span in spans if span.name == "step SolveModel"]
    assert whole.attributes["milpwright.job"] == job.id
    assert {step.parent.span_id for step in steps} == {whole.context.span_id}
    assert len(steps) == 3


def test_a_job_that_is_being_begun_is_not_taken_for_one_that_was_lost(settings, script, new_job, monkeypatch):
    resumed = []

    async def main():
        async with started(settings, script) as runtime:
            loop, begin = asyncio.get_running_loop(), runtime.store.begin

            def slow(job, round_, executor):
                begun = begin(job, round_, executor)
                monkeypatch.setattr("app.jobs.takeover.ORPHAN_S", -1.0)
                monkeypatch.setattr(runtime.workflows, "resume", lambda *what: resumed.append(what))
                # The look at what was lost comes when the row says that the job runs, and the runtime does not yet.
                asyncio.run_coroutine_threadsafe(runtime.takeover.look(), loop).result(20)
                monkeypatch.undo()
                return begun

            runtime.store.begin = slow
            return await done(runtime, new_job())

    assert asyncio.run(main()).state is JobState.FINISHED
    assert resumed == []


@pytest.mark.postgres
def test_nothing_is_written_any_more_by_a_process_that_was_shut_out(postgres):
    url = postgres.new_database()
    dead, alive = make_engine(url, name="dead"), make_engine(url)
    migrate(alive)
    beat = "INSERT INTO milpwright_executors VALUES ('e', 'm', 1, 'worker', '1', 0, 0)"
    with dead.connect() as connection:
        connection.execute(sa.text(beat))
        store = Store(alive)
        while store.disconnect("dead"):
            time.sleep(0.01)
        with pytest.raises(sa.exc.SQLAlchemyError):
            connection.commit()
    assert store.executors()[1] == []
    dead.dispose()
    alive.dispose()
