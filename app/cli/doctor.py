"""``milpwright doctor``: what works here, what does not, and what to do about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import click

from app.cli._exit import ExitCode


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a part works; ``needed`` parts decide the exit code."""

    part: str
    works: bool
    detail: str
    needed: bool = True


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def command(*, as_json: bool) -> None:
    """Look at the solvers, the sandbox, the database and the chat endpoint; exit 1 where a needed part fails.

    \b
    Example:
      milpwright doctor
    """
    failed, found = False, []
    for finding in findings():
        mark = "ok  " if finding.works else ("FAIL" if finding.needed else "none")
        failed = failed or (finding.needed and not finding.works)
        found.append(asdict(finding))
        if not as_json:
            click.echo(f"{mark}  {finding.part:<12}  {finding.detail}")
    if as_json:
        click.echo(json.dumps(found, indent=2))
    sys.exit(ExitCode.FAILED if failed else ExitCode.HELD)


def findings() -> Iterator[Finding]:
    """Yield what was found, part by part. Each part is really used once."""
    checks: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("solvers", _solvers),
        ("sandbox", _sandbox),
        ("database", _database),
        ("chat", _chat),
    )
    for part, check in checks:
        try:
            yield from check()
        except Exception as error:  # a doctor survives what ails the patient
            yield Finding(part, False, f"{type(error).__name__}: {error}")


def _solvers() -> Iterator[Finding]:
    from solvers.registry import backends
    from solvers.self_check import Verdict, check

    for backend in backends():
        here = backend.availability()
        needed = backend.name == "highs"
        if not here.available:
            yield Finding(backend.name, False, here.reason, needed)
            continue
        found = list(check(backend))
        failed = [f"{case.case}: {case.detail}" for case in found if case.verdict is Verdict.FAILED]
        passed = sum(case.verdict is Verdict.PASSED for case in found)
        detail = f"{backend.version()}, {passed} of {len(found)} cases passed, {len(failed)} failed"
        yield Finding(backend.name, not failed, "; ".join([detail, *failed[:3]]), needed)


def _sandbox() -> Iterator[Finding]:
    from formulation.sandbox import self_check

    report = self_check.run()
    if report.unavailable:
        yield Finding("sandbox", False, report.unavailable)
        return
    for finding in report.findings:
        if not finding.held:
            yield Finding("sandbox", False, f"{finding.name}: {finding.detail}")
    held = sum(finding.held for finding in report.findings)
    yield Finding("sandbox", report.held, f"held in {held} of {len(report.findings)} attempts to get out and checks")
    for layer in report.layers:
        if not layer["holds"]:
            yield Finding("sandbox", False, f"no {layer['name']}: {layer['detail']}", needed=layer["required"])


def _database() -> Iterator[Finding]:
    import sqlalchemy as sa

    from app.jobs.database import make_engine, migrate
    from app.settings import settings

    url = settings().database_url
    engine = make_engine(url, pool_size=2)
    shown = sa.make_url(url).render_as_string(hide_password=True)
    version = migrate(engine)
    engine.dispose()
    yield Finding("database", True, f"{shown} (schema version {version})")


def _chat() -> Iterator[Finding]:
    import os

    import httpx

    from formulation.chat.settings import ChatSettings

    chat = ChatSettings.from_environment(os.environ)
    if chat is None:
        detail = "none is configured (MILPWRIGHT_CHAT_BASE_URL); the embedded reader reads"
        yield Finding("chat", False, detail, needed=False)
        return
    endpoint = chat.endpoint
    headers = {"Authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
    try:
        response = httpx.get(endpoint.base_url.rstrip("/") + "/models", headers=headers, timeout=10.0)
    except httpx.HTTPError as error:
        yield Finding("chat", False, f"{endpoint.base_url} does not answer: {type(error).__name__}")
        return
    works = response.status_code not in (401, 403) and response.status_code < 500
    said = (
        "answers" if works else "refuses the key (MILPWRIGHT_CHAT_API_KEY)" if response.status_code < 500 else "fails"
    )
    yield Finding("chat", works, f"{endpoint.base_url} {said} ({response.status_code}); model {endpoint.model}")
