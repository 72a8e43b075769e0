"""The pages for those who run the service: what it knows, where from, and what became of its advice."""
