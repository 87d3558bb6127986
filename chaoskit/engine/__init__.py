"""Runs a plan: stack up, load on, faults on time, everything healed, everything read, everything on disk."""
