"""Frozen data that every other room may know. No I/O, no clock, no randomness."""
