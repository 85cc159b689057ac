"""One attempt to get out, and the program that makes attempts one after the other (`attempts` lists them).

An attempt is the body of a function. What it returns, if truthy, is the evidence that it got through; an exception of
the kinds that a denial raises means that it was stopped; anything else means that the attempt itself is broken, which
counts as a failure of the check. `raw(name, ...)` makes a system call by its number: a call that reached the kernel's
own code (EFAULT, EINVAL, EBADF, success) has got through, only EPERM, EACCES and ENOSYS are a denial. A file that
cannot be written where it lies, by size or on a read-only system, stops as well. ``data`` describes what was planted
for the attempt to find (`self_check`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import dedent, indent

from formulation.sandbox.calls import NUMBERS
from formulation.sandbox.limits import LimitKind


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: ``body`` of a function; ``quick`` ones are part of the probe at start.

    ``ends`` are the limits that may end it, besides time on a slow machine (empty: it must run to its end and be
    stopped). ``crash`` says that it may end in a crash, since the kernel kills it. ``unconfined`` says that an
    ordinary process of the same user would succeed, which the tests confirm, so that no attempt is stopped by
    its own mistake.
    """

    name: str
    body: str
    quick: bool = False
    ends: tuple[LimitKind, ...] = ()
    crash: bool = False
    unconfined: bool = False


PRELUDE = """
import ctypes, errno, os, platform, sys
import pyomo.environ as pyo

NUMBERS = %NUMBERS%
libc = ctypes.CDLL(None, use_errno=True)
DENIALS = (errno.EPERM, errno.EACCES, errno.ENOSYS)
UNWRITABLE = (errno.EFBIG, errno.ENOSPC, errno.EROFS)

def raw(name, *arguments):
    number = NUMBERS[name][0 if platform.machine() == "x86_64" else 1]
    if number is None:
        raise PermissionError(errno.ENOSYS, "no such call on this machine")
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_void_p(a) if isinstance(a, int) else a for a in arguments])
    code = ctypes.get_errno()
    if result < 0 and code in DENIALS:
        raise PermissionError(code, os.strerror(code))
    return f"{name} returned {result}" + (f" ({errno.errorcode.get(code)})" if result < 0 else "")

def judged(name, function, data):
    try:
        evidence = function(data)
    except PermissionError as error:
        verdict, detail = "stopped", os.strerror(error.errno) if error.errno else "denied"
    except FileNotFoundError as error:
        verdict, detail = "absent", str(error)
    except OSError as error:
        verdict, detail = ("stopped" if error.errno in (*DENIALS, *UNWRITABLE) else "broken"), repr(error)
    except MemoryError:
        raise
    except BaseException as error:
        verdict, detail = "broken", f"{type(error).__name__}: {error}"
    else:
        verdict, detail = ("ESCAPED", str(evidence)[:100]) if evidence else ("stopped", "nothing gained")
    print("attempt", name, verdict, detail.replace(chr(10), " ").replace(chr(9), " "), sep=chr(9))
""".replace("%NUMBERS%", repr(NUMBERS))

END = """
    model = pyo.ConcreteModel()
    model.x = pyo.Var(bounds=(0, 1))
    model.o = pyo.Objective(expr=model.x)
    return model
"""


def program(attempts: tuple[Attempt, ...]) -> str:
    """Return the program that makes these attempts one after the other and then builds a model."""
    functions = "".join(f"\ndef attempt_{k}(data):\n{indent(a.body, '    ')}\n" for k, a in enumerate(attempts))
    calls = "".join(f"    judged({a.name!r}, attempt_{k}, data)\n" for k, a in enumerate(attempts))
    return f"{PRELUDE}{functions}\ndef build(data):\n{calls}{END}"


def attempt(name: str, body: str, **options: object) -> Attempt:
    """Return an attempt; the body may be indented as it stands in the source."""
    return replace(Attempt(name, dedent(body).strip()), **options)  # type: ignore[arg-type]
