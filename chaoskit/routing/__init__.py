"""Where clients find the database: one write and one read endpoint per region."""
