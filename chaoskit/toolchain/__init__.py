"""Finds, or builds once, the programs that a stack is made of: Toxiproxy and PostgreSQL."""
