"""The testers' console: a patient or a hook request in, the cards as a record system shows them, and what would turn them."""
