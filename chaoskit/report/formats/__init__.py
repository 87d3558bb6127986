"""Finished results as documents for other tools: Markdown, JUnit XML, CSV, JSON."""
