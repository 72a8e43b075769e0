"""One patient on one page: the assessment document and the library become a page model, without HTML."""

from __future__ import annotations

from service.web.pages.explanation.build import explanation
from service.web.pages.explanation.model import Explanation

__all__ = ["Explanation", "explanation"]
