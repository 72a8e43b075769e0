"""What stands in discovery is answered: a file that announces more is refused when it is loaded."""

import pytest

from cds_hooks.contexts import CONTEXT_READERS
from service.errors import KnowledgeError
from service.web.offered import FILE, offered


@pytest.fixture
def with_hook(tmp_path):
    """Our own file, its first service on one more hook."""

    def write(hook):
        path = tmp_path / "services.yaml"
        text = FILE.read_text(encoding="utf-8")
        assert "hooks: [" in text
        path.write_text(text.replace("hooks: [", f"hooks: [{hook}, ", 1), encoding="utf-8")
        return path

    return write


def test_a_hook_that_would_be_refused_is_not_announced(with_hook):
    with pytest.raises(KnowledgeError) as refused:
        offered(with_hook("appointment-book"))
    told = str(refused.value)
    assert "appointment-book" in told
    assert "order-dispatch" in told  # what may be written instead


def test_a_hook_that_is_read_is_announced(with_hook):
    assert "order-dispatch" in [row.hook for row in offered(with_hook("order-dispatch")).services]


def test_every_hook_that_we_announce_is_read():
    assert {row.hook for row in offered().services} <= CONTEXT_READERS.keys()
