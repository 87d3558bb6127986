"""Faults, one file each: strike, prove, heal, prove again (DESIGN §4)."""
