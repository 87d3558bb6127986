"""Load and instrument: Locust users and open-loop probers in processes of their own, and what they record."""
