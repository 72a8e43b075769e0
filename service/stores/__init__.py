"""Where the service keeps what it saw: one interface, SQLite by default."""
