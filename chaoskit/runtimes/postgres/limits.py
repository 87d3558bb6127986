"""How long a server may take for what is asked of it, on any runtime."""

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 20.0
TOOL_TIMEOUT_S = 120.0
