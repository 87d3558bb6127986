"""Regions as networks of containers."""
