"""A model solved behind the port, with its answer replayed, against plain highspy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.speed.instances import transport
from benchmarks.speed.registry import OWN, Benchmark, add


@contextmanager
def _own(n: int) -> Iterator[Callable[[], object]]:
    from solvers import solve
    from solvers.port import SolveOptions

    model, options = transport(n), SolveOptions()
    yield lambda: solve(model, options, solver="highs")


@contextmanager
def _highspy(n: int) -> Iterator[Callable[[], object]]:
    import highspy

    model = transport(n)

    def run() -> object:
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = model.n_columns, model.n_rows
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.objective, model.column_lower, model.column_upper
        lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = model.matrix.indptr, model.matrix.indices
        lp.a_matrix_.value_ = model.matrix.data
        highs.passModel(lp)
        highs.run()
        return highs.getSolution().col_value

    yield run


for _n, _large in ((10, False), (100, True)):
    _case = f"transport {_n}x{_n}"
    add(Benchmark("solve", _case, "solve", OWN, partial(_own, _n), large=_large))
    add(Benchmark("solve", _case, "solve", "highspy", partial(_highspy, _n), ("highspy",), _large))
