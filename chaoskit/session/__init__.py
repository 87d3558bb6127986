"""From a scenario to a judged run: what the command line and the pytest plugin have in common."""
