"""How the tables became what they are, step by step; run when the store is opened for writing."""
