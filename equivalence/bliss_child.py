"""The process that holds igraph: two coloured graphs from stdin (npz), the isomorphism (int64) to stdout.

Run by `equivalence.bliss` as a file; it imports nothing of this package. Nothing written says that there is none.
"""

from __future__ import annotations

import io
import sys

import numpy as np


def main() -> None:
    """Read, decide, write."""
    import igraph

    given = np.load(io.BytesIO(sys.stdin.buffer.read()))
    graphs = [igraph.Graph(n=given[f"{s}_colours"].size, edges=given[f"{s}_edges"]) for s in "ab"]
    first, second = (given[f"{s}_colours"].tolist() for s in "ab")
    same, mapping, _ = graphs[0].isomorphic_bliss(graphs[1], return_mapping_12=True, color1=first, color2=second)
    sys.stdout.buffer.write(np.array(mapping if same else [], dtype=np.int64).tobytes())


if __name__ == "__main__":
    main()
