"""One patient, one day, one state of knowledge: everything that can be said."""

from __future__ import annotations

from service.consultation.consult import Consultation, Question, consult
from service.consultation.document import assessment_document

__all__ = ["Consultation", "Question", "assessment_document", "consult"]
