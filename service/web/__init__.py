"""The web entrance: Flask, and nothing that another entrance would need."""
