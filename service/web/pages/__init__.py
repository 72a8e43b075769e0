"""Pages for people: words, templates, files for browsers. What a page says is computed before any HTML is written."""
