"""A consultation becomes cards: wording, order and number; no medicine."""
