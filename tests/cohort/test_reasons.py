"""Each code of what was not used is said in words, and stands in COHORTS.md."""

import re

import pytest

from service.cohort import heads, inputs
from service.cohort.reasons import REASONS, in_words
from service.cohort.unread import UNREADABLE
from service.errors import NotABundle, NotJson

WRITTEN = re.compile(r'(?:Rejected|Fault)\(\s*"([a-z0-9-]+)"')


@pytest.fixture(scope="module")
def codes(request):
    folder = request.config.rootpath / "service" / "cohort"
    written = {code for path in folder.glob("*.py") for code in WRITTEN.findall(path.read_text(encoding="utf-8"))}
    named = {heads.NOT_APPLIED, heads.EMPTY, heads.NO_RECORD, NotJson.code, NotABundle.code, UNREADABLE, "not-utf-8"}
    return written | named | set(inputs.UNREAD)


def test_each_code_has_words_and_no_words_are_left_over(codes):
    assert codes == REASONS.keys()


def test_each_stands_in_the_page(request):
    page = (request.config.rootpath / "service" / "COHORTS.md").read_text(encoding="utf-8")
    assert [code for code in REASONS if f"`{code}`" not in page and code != NotABundle.code] == []


def test_a_code_without_words_is_said_as_it_is():
    assert in_words("odd") == "odd"
    assert in_words("linked-folder") == "linked-folder (a link to a folder is not followed; name that folder itself)"
