"""From what a run left behind to what it means: pure functions over recorded files."""
