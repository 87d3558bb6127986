"""More than one run: whether a series of nights changed, and by how much two groups of trials differ."""
