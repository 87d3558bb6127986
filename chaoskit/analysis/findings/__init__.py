"""What was lost, and what was read that was wrong (DESIGN §6): ``examine`` runs every checker over one history."""
