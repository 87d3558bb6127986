"""What was lost, and what was read that was wrong: ``examine`` runs every checker over one history."""
