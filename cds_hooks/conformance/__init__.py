"""Whether a CDS Hooks service keeps to the protocol: documents are checked against tables, a running service by calling it.

What is checked is never the checker: nothing here uses the models with which our own answers are written.
"""
