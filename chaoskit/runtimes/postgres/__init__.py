"""What every runtime needs to know of PostgreSQL."""
