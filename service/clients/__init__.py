"""Other servers that we ask: each client is one file, and none is called unless a setting or a command says so."""
