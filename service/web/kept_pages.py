"""The page of one answer: its link goes out with the cards, its content is sealed afterwards, in the background."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson

from service.consultation import assessment_document
from service.explanations.addresses import digest_of, link_to, new_address
from service.explanations.kept import KeptAssessment, KeptQuestion, copied, pack
from service.explanations.keys import vault_of
from service.explanations.registry_mark import mark_of
from service.record.sieve import bytes_of
from service.stores.kept import SealedAssessment
from service.web import metrics

if TYPE_CHECKING:
    from datetime import date

    from service.consultation import Consultation
    from service.explanations.registry_mark import RegistryMark
    from service.knowledge.registry import Registry
    from service.settings import Settings
    from service.stores.vault import Vault
    from service.web.keeping import Call
    from service.web.prefetch import Received


class Marks:
    """Remembers the mark of the last registry: it is one object until something new was seen."""

    def __init__(self) -> None:
        self._last: tuple[Registry, date, RegistryMark] | None = None

    def of(self, registry: Registry, today: date) -> RegistryMark:
        """Return the mark of a registry on a day."""
        last = self._last
        if last is None or last[0] is not registry or last[1] != today:
            last = self._last = (registry, today, mark_of(registry, today))
        return last[2]


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every page of a service is made with."""

    vault: Vault
    base: str
    span: timedelta
    limit: int
    marks: Marks = field(default_factory=Marks)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer that is not kept yet: what it rests on, copied out of the call. The repr shows nothing of it."""

    desk: _Desk = field(repr=False)
    address: str = field(repr=False)
    patient_id: str = field(repr=False)
    resources: dict[str, tuple[bytes, ...]] = field(repr=False)
    unavailable: tuple[str, ...] = field(repr=False)
    consultation: Consultation = field(repr=False)
    registry: Registry = field(repr=False)

    @property
    def link(self) -> str:
        """The link that leads to it. It goes out before anything is kept: nobody waits for the store."""
        return link_to(self.address, self.desk.base)

    @property
    def size(self) -> int:
        """How many bytes of the record it holds."""
        return sum(len(raw) for raws in self.resources.values() for raw in raws)

    def seal(self, call: Call) -> SealedAssessment:
        """Return what is kept of it, as the store gets it."""
        consultation = self.consultation
        kept = KeptAssessment(
            service=call.service,
            hook=call.hook,
            patient_id=self.patient_id,
            question=KeptQuestion.of(consultation.question),
            resources=self.resources,
            unavailable=self.unavailable,
            registry=self.desk.marks.of(self.registry, call.moment.date()),
            assessment=orjson.dumps(assessment_document(consultation)),
        )
        row = SealedAssessment(
            digest=digest_of(self.address),
            kept_at=call.moment,
            expires_at=call.moment + self.desk.span,
            knowledge_digest=consultation.knowledge_digest,
            client=call.client,
            sealed=b"",
        )
        return replace(row, sealed=self.desk.vault.seal(pack(kept), row.beside(self.address)))


class PageMaker:
    """Makes the pages of a service; without a key and a public address it makes none, and nothing of a patient is kept."""

    def __init__(self, settings: Settings) -> None:
        vault = vault_of(settings) if settings.public_base_url else None
        span = timedelta(hours=settings.assessment_hours)
        self._desk = _Desk(vault, settings.public_base_url, span, settings.assessment_limit) if vault is not None else None

    def page(self, patient_id: str, received: Received, consultation: Consultation, registry: Registry) -> Page | None:
        """Return the page of an answer, None where none is made; one of a record that is too large is counted as lost."""
        if self._desk is None or not consultation.is_advised:
            return None
        came = (found for everything in received.everything.values() for found in everything)
        if sum(len(memoryview(bytes_of(found))) for found in came) > self._desk.limit:
            metrics.ASSESSMENTS_LOST.labels(reason="too-large").inc()
            return None
        return Page(
            desk=self._desk,
            address=new_address(),
            patient_id=patient_id,
            resources=copied(received.everything),
            unavailable=tuple(sorted(received.unavailable)),
            consultation=consultation,
            registry=registry,
        )
