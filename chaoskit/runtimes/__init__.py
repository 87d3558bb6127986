"""Where a stack runs: the WAN and PostgreSQL's configuration, shared, and one folder per runtime."""
