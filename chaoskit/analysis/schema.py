"""The JSON Schema of ``result.json``, made from its types; ``docs/result.schema.json`` is this text."""

import json
from typing import Any

from pydantic import TypeAdapter

from chaoskit.analysis.shapes import ResultRow


def result_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the object that ``run --json`` and ``analyze --json`` print."""
    schema = TypeAdapter(ResultRow).json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "chaoskit result"
    schema["description"] = "What a chaoskit run found. Additions are free; a rename bumps `schema`."
    return schema


def schema_text() -> str:
    """The schema as the file holds it."""
    return json.dumps(result_schema(), indent=2, sort_keys=True) + "\n"
