"""One call of one of our services, step by step: read, fetch what is lacking, consult, write, shape for the client."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import g

from cds_hooks import ServiceResponse, UnsupportedHook, decode_request, request_reader
from service.cards.shaping import shape
from service.web.apps import Apps
from service.web.call_language import language_of_the_call
from service.web.client_profiles import choice_for, may_ask_other_days, profile_of_the_call
from service.web.deadline import check_time
from service.web.kept_pages import PageMaker
from service.web.offered import offered
from service.web.options import OPTIONS, read_options
from service.web.orders import orders_of, reading_from
from service.web.prefetch import is_stripped, receive
from service.web.record_access import RecordServers
from service.web.server.leaving import let_go_later
from service.web.tracing import span
from service.web.vendor_extensions import refuse_older_drafts, says_r4, trigger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from cds_hooks import HookRequest
    from service.assembly import Service
    from service.decisions.orders import Ordered
    from service.web.kept_pages import Page
    from service.web.offered import Offered


@dataclass(frozen=True, slots=True)
class CallDesk:
    """Everything that calls are answered with; made once when the service starts."""

    service: Service
    offers: Offered
    servers: RecordServers
    pages: PageMaker
    apps: Apps
    readers: Mapping[str, Callable[[bytes], HookRequest]]  # by service: what each asks for is read as it stands in a body

    @classmethod
    def of(cls, service: Service) -> CallDesk:
        """Return the desk that the settings ask for."""
        offers = offered()
        readers = {service_id: request_reader(offers.templates(service_id)) for service_id in offers.ids}
        settings = service.settings
        return cls(service, offers, RecordServers(settings), PageMaker(settings), Apps.of(settings), readers)

    def answer(self, service_id: str, body: bytes, today: date) -> tuple[ServiceResponse, Page | None]:
        """Return the cards for one call, and the page that their links lead to, where there is one.

        What the call lacks is fetched from its FHIR server, if that is listed. What may be logged of it is left in `g`.
        Raises: IncomingError, RecordError, OutOfTime.
        """
        sent = self.readers.get(service_id, decode_request)(body)
        g.hook, g.hook_instance = sent.hook, sent.hook_instance
        asked = self.offers.find(service_id, sent.hook)
        if asked is None:
            raise UnsupportedHook("hook", f"this service answers {', '.join(self.offers.hooks(service_id))}")
        g.trigger, g.stripped = trigger(sent.extension), is_stripped(sent) or None
        r4 = says_r4(sent.extension)
        if not r4:
            refuse_older_drafts(sent.context)
        check_time()
        with span("fetch"), self.servers.of(sent) or nullcontext() as server:
            # Whatever is to be read from the server is read in here.
            drafted = orders_of(sent, asked, self.service.rules.vocabulary, reading_from(server))
            products: tuple[Ordered, ...] = ()
            if drafted is not None:
                products, codes = self.service.ordered(drafted, sent.context.patient_id)
                g.orders = list(codes)
                if not products:  # nothing of ours is ordered: no data are needed to say nothing
                    return ServiceResponse(), None
            received = receive(sent, asked, self.service.rules.vocabulary.terms, server, may_be_older=not r4)
        g.unavailable = sorted(received.unavailable)
        g.remarks = list(received.remarks)
        service, settings = self.service, self.service.settings
        profile = profile_of_the_call(settings)
        chosen = read_options(sent.extension, asked, settings, today, other_days=may_ask_other_days(settings))
        g.options_not_used = list(chosen.not_used)
        check_time()
        with span("evaluate"):
            patient, registry = sent.context.patient_id, service.registry()
            consultation = service.consult_prefetch(received.resources, patient, received.unavailable, chosen.question, registry)
            let_go_later(sent, received, consultation)
            check_time()
            page = self.pages.page(patient, received, consultation, registry)
            told = (received.unavailable, page.link if page is not None else None)
            choice = replace(chosen.choice, app=self.apps.address_for(sent.fhir_server, profile))
            shaped: Any = {"choice": choice_for(profile, choice), "not_fetched": received.not_fetched}
            writer = service.cards_in(language_of_the_call(settings, chosen.language))
            if drafted is None:
                answer = writer.write(consultation, *told, **shaped)
            else:
                answer = writer.write_orders(consultation, service.judge(consultation, products), *told, **shaped)
        if chosen.not_used:
            answer = replace(answer, extension={OPTIONS: {"notUsed": list(chosen.not_used)}})
        return shape(answer, profile, writer.wording), page
