"""What several tests of this folder look at."""

import pytest


@pytest.fixture
def lines_of(monkeypatch):
    """The errors that modules write to the log, each with its fields."""

    def watch(*modules):
        written = []

        class Log:
            def error(self, event, **fields):
                written.append((event, fields))

        for module in modules:
            monkeypatch.setattr(module, "log", Log())
        return written

    return watch
