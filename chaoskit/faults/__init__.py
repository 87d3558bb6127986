"""Faults, one file each: strike, prove, heal, prove again (docs/faults.md)."""
