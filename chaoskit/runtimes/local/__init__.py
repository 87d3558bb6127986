"""Regions as unprivileged processes on one machine."""
