"""How fast: benchmarks as case × phase × driver, peers measured in the same run."""
