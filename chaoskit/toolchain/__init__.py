"""Finds, or builds once, the programs that a stack is made of: Toxiproxy, PostgreSQL and Docker Compose."""
