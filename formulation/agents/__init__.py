"""The agents: each one file, one prompt file and one reply type; `formulation.policy` alone orders them."""
