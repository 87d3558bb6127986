"""The results of many runs, on disk: found, kept small, read again, and shown together."""
