"""What the zygote imports for programs, beside Pyomo, NumPy and SciPy."""

COMMON = (
    *("cmath", "configparser", "csv", "encodings.idna", "fractions", "gzip", "html", "mmap", "queue", "statistics"),
    *("timeit", "uuid", "xml.etree.ElementTree", "zoneinfo"),
)
"""Loaded before the first run: a run's own user may be unable to read the interpreter's folders."""

PRELOADABLE = ("networkx", "pandas", "openpyxl")
"""Larger packages, loaded before the first run where `Sandbox` is asked to; others are imported by the programs."""

IDLE = ("networkx",)
"""What the zygote loads when it has nothing to do, where a run's own user could not import it."""
