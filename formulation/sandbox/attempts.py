"""Every attempt to get out that is known here, each a few lines that must not work; `attempt` says how to read one."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

from formulation.sandbox.attempt import Attempt, attempt
from formulation.sandbox.calls import CALLS
from formulation.sandbox.limits import LimitKind


def _quick(name: str, body: str, **options: object) -> Attempt:
    return attempt(name, body, quick=True, **options)


_READS = (
    ("read the password file", "/etc/passwd", True),
    ("read the shadow file", "/etc/shadow", False),
    ("read the host's name", "/etc/hostname", True),
    ("read the environment of process 1", "/proc/1/environ", False),
    ("read its own environment file", "/proc/self/environ", True),
    ("read the map of its own memory", "/proc/self/maps", True),
    ("read the password file through its own root", "/proc/self/root/etc/passwd", True),
    ("read the kernel's parameters", "/proc/sys/kernel/hostname", True),
    ("read the machine's disks", "/proc/partitions", True),
    ("read the mounts", "/proc/self/mounts", True),
    ("read from the system's device tree", "/sys/kernel/mm/transparent_hugepage/enabled", True),
    ("read physical memory", "/dev/mem", False),
    ("read the kernel's log device", "/dev/kmsg", False),
    ("open the terminal", "/dev/tty", False),
    ("open a terminal's other end", "/dev/ptmx", False),
)
_LISTS = (
    ("list the root folder", "/"),
    ("list the home folders", "/home"),
    ("list the temporary folder", "/tmp"),  # noqa: S108
    ("list every process", "/proc"),
)
_FAMILIES = (
    ("unix", 1),
    ("inet", 2),
    ("inet6", 10),
    ("netlink", 16),
    ("packet", 17),
    ("bluetooth", 31),
    ("alg", 38),
    ("vsock", 40),
    ("xdp", 44),
)
CONTAINED: tuple[Attempt, ...] = (
    *(_quick(name, f"return open({path!r}, 'rb').read(64)", unconfined=readable) for name, path, readable in _READS),
    *(_quick(name, f"return os.listdir({path!r})", unconfined=True) for name, path in _LISTS),
    *(
        _quick(
            f"open a socket ({f})",
            f"import socket\nreturn socket.socket({n}, 3 if {n} in (16, 17, 44) else 5 if {n} == 38 else 1)",
        )
        for f, n in _FAMILIES
    ),
    *(_quick(name, f"return {call}") for name, call in CALLS),
    _quick(
        "read the server's environment",
        'return open(f"/proc/{data[\'server_pid\']}/environ", "rb").read()',
        unconfined=True,
    ),
    _quick("read the zygote's environment", 'return open(f"/proc/{data[\'zygote_pid\']}/maps", "rb").read()'),
    _quick("open the server's memory", 'return open(f"/proc/{data[\'server_pid\']}/mem", "rb")', unconfined=True),
    _quick("open the zygote's memory for writing", "return os.open(f\"/proc/{data['zygote_pid']}/mem\", os.O_RDWR)"),
    _quick("borrow the server's descriptors", "return os.listdir(f\"/proc/{data['server_pid']}/fd\")", unconfined=True),
    _quick("find the server's program", "return os.readlink(f\"/proc/{data['server_pid']}/exe\")", unconfined=True),
    _quick("find the zygote's folder", "return os.readlink(f\"/proc/{data['zygote_pid']}/cwd\")"),
    _quick("open its own memory as a file", 'return os.open("/proc/self/mem", os.O_RDWR)', unconfined=True),
    _quick(
        "open a file by its handle",
        """
        handle = os.open("/etc/passwd", os.O_PATH)
        try:
            return open(f"/proc/self/fd/{handle}").read()
        finally:
            os.close(handle)
    """,
        unconfined=True,
    ),
    _quick(
        "open a file below a folder's handle",
        """
        folder = os.open("/etc", os.O_PATH)
        try:
            return os.open("passwd", os.O_RDONLY, dir_fd=folder)
        finally:
            os.close(folder)
    """,
        unconfined=True,
    ),
    _quick(
        "share its pages with those of others",
        """
        import mmap
        return mmap.mmap(-1, 1 << 16).madvise(12) is None
    """,
    ),
    _quick(
        "see what others have read of a library",
        """
        import mmap
        with open(pyo.__file__, "rb") as file:
            pages = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE)
        return raw("mincore", ctypes.c_void_p(0), 4096, ctypes.create_string_buffer(8)) + str(len(pages))
    """,
    ),
    _quick(
        "lock a library for others",
        """
        import fcntl
        with open(pyo.__file__, "rb") as file:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB) is None
    """,
    ),
    _quick("list the folders of other runs", 'return os.listdir(data["runs"])'),
    _quick("list the folder above its own", "return os.listdir('..')"),
    _quick("read a file of another run", 'return open(data["planted"] + "/secret").read()', unconfined=True),
    _quick("write a file of another run", 'return open(data["planted"] + "/open", "a").write("x")', unconfined=True),
    _quick("empty a file of another run", 'return os.truncate(data["planted"] + "/open", 0) is None', unconfined=True),
    _quick(
        "empty a file by opening it to read",
        'return os.open(data["planted"] + "/open", os.O_RDONLY | os.O_TRUNC)',
        unconfined=True,
    ),
    _quick("empty a library by opening it to read", "return os.open(pyo.__file__, os.O_RDONLY | os.O_TRUNC)"),
    _quick("open a file in neither mode", 'return os.open(data["planted"] + "/open", 3)', unconfined=True),
    _quick("remove a file of another run", 'return os.remove(data["planted"] + "/open") is None'),
    _quick("rename a file of another run", 'return os.rename(data["planted"] + "/open", "mine") is None'),
    _quick("change the mode of a file", 'return os.chmod(data["planted"] + "/open", 0o777) is None'),
    _quick("change the time of a file", 'return os.utime(data["planted"] + "/open") is None'),
    _quick("change the owner of a file", 'return os.chown(data["planted"] + "/open", -1, -1) is None'),
    _quick("mark a file", 'return os.setxattr(data["planted"] + "/open", "user.x", b"1") is None'),
    _quick(
        "read through a symbolic link", 'os.symlink("/etc/passwd", "link")\nreturn open("link").read()', unconfined=True
    ),
    _quick("read through a hard link", 'os.link(data["planted"] + "/open", "link2")\nreturn open("link2").read()'),
    _quick("write into the package", 'return open(data["package"] + "/__init__.py", "a")', unconfined=True),
    _quick("write beside Pyomo", 'return open(os.path.dirname(pyo.__file__) + "/planted.py", "w")'),
    _quick("write beside the interpreter", 'return open(os.path.dirname(os.__file__) + "/planted.py", "w")'),
    _quick("write into the temporary folder", 'return open("/tmp/milpwright-planted", "w")'),
    _quick("write into shared memory", 'return open("/dev/shm/milpwright-planted", "w")'),
    _quick("make a nameless file", 'return os.open(".", os.O_TMPFILE | os.O_RDWR)'),
    _quick("make a folder that nobody counts", 'return os.mkdir("deeper") is None', unconfined=True),
    _quick("make a pipe file", 'return os.mkfifo("fifo") is None', unconfined=True),
    _quick("hide a file by removing it", 'open("own", "w").close()\nreturn os.remove("own") is None', unconfined=True),
    _quick(
        "connect to the server",
        'import socket\nchannel = socket.socket()\nchannel.connect(("127.0.0.1", data["port"]))\nreturn channel',
        unconfined=True,
    ),
    _quick(
        "look up a name",
        """
        import socket
        try:
            return socket.getaddrinfo("localhost", 80)
        except socket.gaierror:
            raise PermissionError(errno.EPERM, "no resolver")
        """,
        unconfined=True,
    ),
    _quick("make a pair of sockets", "import socket\nreturn socket.socketpair()", unconfined=True),
    _quick("fork", "return os.fork() or os._exit(0)", unconfined=True),
    _quick("run a program", 'return os.execv("/bin/true", ["true"])'),
    _quick("run a program beside itself", 'import subprocess\nreturn subprocess.run(["/bin/true"])', unconfined=True),
    _quick("spawn a program", 'return os.posix_spawn("/bin/true", ["true"], {})', unconfined=True),
    _quick("start a shell", 'return os.system("true") == 0 or 0', unconfined=True),
    _quick("kill the server", 'return os.kill(data["server_pid"], 0) is None'),
    _quick("kill the zygote", "return os.kill(os.getppid(), 0) is None", unconfined=True),
    _quick("kill everything", "return os.kill(-1, 0) is None"),
    _quick("kill its group and more", "return os.kill(0, 0) is None", unconfined=True),
    _quick(
        "raise its own limits",
        """
        import resource
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
        except ValueError:
            raise PermissionError(errno.EPERM, "not raised")
        return True
    """,
    ),
    _quick(
        "find descriptors that it was not given",
        """
        import stat
        found = []
        for descriptor in range(1024):
            try:
                status = os.fstat(descriptor)
            except OSError:
                continue
            null = stat.S_ISCHR(status.st_mode) and status.st_rdev == os.makedev(1, 3)
            if not null and not (stat.S_ISFIFO(status.st_mode) and len(found) == 0 and not found.append(descriptor)):
                return f"descriptor {descriptor} of mode {status.st_mode:o}"
        for descriptor in found:
            try:
                if os.read(descriptor, 1) is not None:
                    return "its result can be read back"
            except OSError as error:
                if error.errno != errno.EBADF:
                    raise
        return None
    """,
    ),
    _quick("find anything in its environment", "return dict(os.environ)"),
    attempt(
        "find secrets among the zygote's objects",
        """
        import gc, re
        mark = re.compile("PLAN" + "TED-[0-9a-f]{32}")
        seen, frames = [], []
        frame = sys._getframe()
        while frame is not None:
            frames.append((frame.f_locals, frame.f_globals))
            frame = frame.f_back
        heap = frames + gc.get_objects()
        for thing in heap:
            inside = gc.get_referents(thing)
            deeper = gc.get_referents(*(x for x in inside if isinstance(x, (dict, tuple, list))))
            for inner in [thing, *inside, *deeper]:
                if isinstance(inner, (str, bytes)) and len(inner) < 10**6:
                    text = inner if isinstance(inner, str) else inner.decode("latin-1")
                    seen.extend(mark.findall(text))
        return seen
    """,
    ),
    attempt(
        "find secrets in the zygote's raw memory",
        """
        import re
        mark = re.compile(("PLAN" + "TED-[0-9a-f]{32}").encode())
        libc.sbrk.restype = ctypes.c_void_p
        libc.pwrite.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long]
        window = 1 << 16
        file = os.open("window", os.O_RDWR | os.O_CREAT, 0o600)
        starts = [libc.sbrk(0), ctypes.addressof(ctypes.c_int()) + (32 << 20), id(object()) + (32 << 20)]
        found = []
        for start in starts:
            for k in range(1024):
                address = (start - (k + 1) * window) & ~4095
                if libc.pwrite(file, address, window, 0) != window:
                    continue
                found.extend(mark.findall(os.pread(file, window, 0)))
        return found
    """,
    ),
)

ENDED: tuple[Attempt, ...] = (
    attempt("take 20 GB at once", "return len(bytearray(20 << 30))", ends=(LimitKind.MEMORY,)),
    attempt(
        "take memory bit by bit", "kept = []\nwhile True: kept.append(bytearray(1 << 20))", ends=(LimitKind.MEMORY,)
    ),
    attempt("take memory by NumPy", "import numpy\nreturn numpy.ones(20 << 27).sum()", ends=(LimitKind.MEMORY,)),
    attempt(
        "take memory by sharing it",
        """
        import mmap
        try:
            return len(mmap.mmap(-1, 20 << 30))
        except OSError:
            raise MemoryError
    """,
        ends=(LimitKind.MEMORY,),
    ),
    attempt(
        "fill the disk with one file",
        """
        with open("large", "wb") as file:
            while True: file.write(bytes(1 << 20))
    """,
        ends=(LimitKind.DISK,),
        crash=True,
    ),
    attempt(
        "fill the disk with many files",
        """
        for k in range(10**6):
            with open(f"f{k}", "wb") as file: file.write(bytes(1 << 20))
    """,
        ends=(LimitKind.DISK,),
    ),
    attempt(
        "fill the disk with empty files",
        """
        for k in range(10**7): os.close(os.open(f"f{k}", os.O_CREAT | os.O_WRONLY))
    """,
        ends=(LimitKind.DISK, LimitKind.WALL),
    ),
    attempt(
        "flood the result",
        """
        while True:
            for descriptor in range(3, 64):
                try: os.write(descriptor, bytes(1 << 20))
                except OSError: pass
    """,
        ends=(LimitKind.OUTPUT,),
    ),
    attempt("flood what is printed", "while True: print('x' * 10000)", ends=(LimitKind.WALL, LimitKind.CPU)),
    attempt(
        "start threads without end",
        """
        import threading, time
        threading.stack_size(1 << 15)
        while True:
            try: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
            except RuntimeError: pass
    """,
        ends=(LimitKind.THREADS, LimitKind.WALL, LimitKind.CPU, LimitKind.MEMORY),
    ),
    attempt(
        "fork without end",
        """
        while True:
            try: os.fork()
            except OSError: pass
    """,
        ends=(LimitKind.WALL, LimitKind.CPU),
    ),
    attempt(
        "recurse in Python",
        "sys.setrecursionlimit(10**9)\ndef deeper(): deeper()\ndeeper()",
        ends=(LimitKind.MEMORY, LimitKind.WALL, LimitKind.CPU),
        crash=True,
    ),
    attempt(
        "recurse in C",
        """
        nest = []
        for _ in range(10**6): nest = [nest]
        sys.setrecursionlimit(10**9)
        return 0 * len(repr(nest))
    """,
        ends=(LimitKind.MEMORY, LimitKind.WALL, LimitKind.CPU),
        crash=True,
    ),
    attempt(
        "loop in a regular expression",
        "import re\nre.match('(a|a?)+$', 'a' * 200 + 'b')",
        ends=(LimitKind.WALL, LimitKind.CPU),
    ),
    attempt(
        "loop in whole numbers",
        "return 7 ** (10 ** 9) > 1 and None",
        ends=(LimitKind.WALL, LimitKind.CPU, LimitKind.MEMORY),
    ),
    attempt(
        "loop in NumPy",
        """
        import numpy
        numbers = numpy.random.rand(3000, 3000)
        while True: numbers = numpy.linalg.inv(numbers)
    """,
        ends=(LimitKind.WALL, LimitKind.CPU),
    ),
    attempt(
        "loop in C with the interpreter locked",
        """
        import collections, itertools
        collections.deque(itertools.repeat(0), maxlen=0)
    """,
        ends=(LimitKind.WALL, LimitKind.CPU),
    ),
    attempt(
        "ignore every signal",
        """
        import signal
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True: pass
    """,
        ends=(LimitKind.WALL, LimitKind.CPU),
    ),
    attempt("stop itself", "import signal\nos.kill(os.getpid(), signal.SIGSTOP)", ends=(LimitKind.WALL,)),
    attempt("sleep", "import time\ntime.sleep(1000)", ends=(LimitKind.WALL,)),
    attempt(
        "swallow every exception",
        """
        while True:
            try:
                while True: pass
            except BaseException: pass
    """,
        ends=(LimitKind.WALL, LimitKind.CPU),
    ),
)

_RESULT = """
def descriptors():
    import stat
    for descriptor in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode): yield descriptor
        except OSError: pass
"""
FORGED: tuple[Attempt, ...] = tuple(
    replace(forgery, body=dedent(_RESULT).strip() + "\n" + forgery.body, crash=True)
    for forgery in (
        attempt("send noise as its result", "for d in descriptors(): os.write(d, os.urandom(4096))\nos._exit(0)"),
        attempt(
            "announce an endless result",
            "for d in descriptors(): os.write(d, b'MILPWRT' + bytes([1]) + b'\\xff' * 8)\nos._exit(0)",
        ),
        attempt(
            "send half a result",
            "for d in descriptors(): os.write(d, b'MILPWRT' + bytes([1, 9, 0, 0, 0, 0, 0, 0, 0, 1]))\nos._exit(0)",
        ),
        attempt("close its result", "for d in descriptors(): os.close(d)"),
        attempt(
            "send words of the zygote",
            'for d in descriptors(): os.write(d, b\'{"refused": "landlock", "reason": "x"}\')\nos._exit(0)',
        ),
        attempt(
            "patch what writes the result",
            """
            import formulation.sandbox.message as message
            message._framed = lambda parts: [b"forged" * 1000]
        """,
        ),
        attempt(
            "patch the exporter",
            """
            import formulation.sandbox.child.program as program
            program.export_linear = lambda model: 1 / 0
        """,
        ),
        attempt(
            "patch NumPy under the exporter",
            "import numpy\nnumpy.ascontiguousarray = lambda *a, **k: numpy.zeros(10**6)",
        ),
        attempt(
            "write after its result",
            """
            import threading, time
            def later():
                while True:
                    for d in descriptors(): os.write(d, b"later")
            threading.Thread(target=later, daemon=True).start()
        """,
        ),
        attempt(
            "die by a foreign calling convention",
            """
            if platform.machine() != "x86_64": os.abort()
            import mmap
            code = mmap.mmap(-1, 4096, prot=7)
            code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
            address = ctypes.addressof(ctypes.c_char.from_buffer(code))
            return f"32-bit call returned {ctypes.CFUNCTYPE(ctypes.c_int)(address)()}"
        """,
        ),
        attempt(
            "die by the x32 calling convention",
            """
            if platform.machine() != "x86_64": os.abort()
            return f"x32 call returned {libc.syscall(ctypes.c_long(0x40000000 | 39))}"
        """,
        ),
        attempt("crash the interpreter", "ctypes.string_at(0)"),
    )
)

ALL: tuple[Attempt, ...] = (*CONTAINED, *ENDED, *FORGED)
