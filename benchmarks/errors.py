"""What can be wrong before or while a benchmark runs.

BenchmarkError
├── SuiteError      a file that is not the suite it should be: truncated, wrong, changed, ids twice, labels missing
├── RecordError     a run folder that cannot be resumed, read or written
└── MachineryDown   what the reader needs is not there: no record is made, the run stops and can be resumed
"""

from __future__ import annotations


class BenchmarkError(Exception):
    """The root of this package's errors; all are for the person who started the run."""


class SuiteError(BenchmarkError, ValueError):
    """A suite that cannot be loaded as it is."""


class RecordError(BenchmarkError):
    """A run folder that is not what it should be."""


class MachineryDown(BenchmarkError):
    """Something that the reader needs is down or not configured; no item is to blame."""
