"""Campaigns that hunt for wrong verdicts of the equivalence check."""
