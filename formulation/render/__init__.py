"""A formulation written out: as a Pyomo program, LaTeX, MathML, or plain algebra."""
