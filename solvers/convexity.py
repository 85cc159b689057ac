"""Whether a quadratic objective is convex in the direction of its sense."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from solvers.errors import Unsupported
from solvers.milp import Milp, Sense

_DENSE = 1500
_RELATIVE = 1e-9


def is_convex(model: Milp) -> bool:
    """Whether minimising Q (maximising -Q) is convex, up to a relative tolerance on the smallest eigenvalue.

    Dense eigenvalues up to 1,500 columns that carry a quadratic term, Lanczos beyond.
    """
    if model.quadratic is None or model.quadratic.nnz == 0:
        return True
    q = model.quadratic if model.sense is Sense.MINIMIZE else -model.quadratic
    used = np.flatnonzero(np.diff(q.indptr))
    core = q[used][:, used]
    scale = float(np.abs(core.data).max())
    if bool(np.any(core.diagonal() < 0)):
        return False
    if len(used) <= _DENSE:
        dense = core.toarray()
        try:  # a factorisation of Q with a little more on its diagonal is a proof, and much cheaper than eigenvalues
            np.linalg.cholesky(dense + np.eye(len(used)) * (_RELATIVE * scale))
        except np.linalg.LinAlgError:
            smallest = float(np.linalg.eigvalsh(dense)[0])
        else:
            return True
    else:
        from scipy.sparse.linalg import eigsh

        smallest = float(eigsh(sparse.csc_array(core), k=1, which="SA", return_eigenvectors=False)[0])
    return smallest >= -_RELATIVE * scale * max(len(used), 1)


def refuse_nonconvex(model: Milp) -> None:
    """Raise `Unsupported` where the objective is not convex in the direction of its sense."""
    if not is_convex(model):
        raise Unsupported("the quadratic objective is not convex (concave when maximising); try scip")
