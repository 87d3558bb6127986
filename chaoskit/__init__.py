"""Chaos engineering for multi-region PostgreSQL: lose a region, measure what your customers lost."""

__version__ = "0.1.0"
