"""How documents are printed. Known to every command, so nothing else is imported here."""

from enum import StrEnum


class Shape(StrEnum):
    """A comparison: for people, for a job summary, for a program."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"


class Format(StrEnum):
    """Results: for a job summary, a CI's test view, a spreadsheet, a program."""

    MARKDOWN = "markdown"
    JUNIT = "junit"
    CSV = "csv"
    JSON = "json"
