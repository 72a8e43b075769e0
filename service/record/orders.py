"""Orders that are being written, signed or handed on: what they name, as far as a product can be told. None of this is a fact.

An order is a proposal: nothing here ever becomes part of a patient's record, whatever its status says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from service.errors import WrongPatient
from service.record.bundle import open_resource
from service.record.codes import NOTHING, coded
from service.record.reader import POINTED_AT
from service.record.shelf import Shelf
from service.record.signs import plain
from service.record.tolerant import Json, Unreadable, mapping, refuse_modified, text
from service.record.treatments import named_drug, read_nowhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from service.record.bundle import Slice
    from service.record.codes import Coded
    from service.record.vocabulary import Vocabulary

# The names that earlier versions of FHIR gave the same two resources are read too: a call does not say which version it speaks.
OF_DRUGS = frozenset({"MedicationRequest", "MedicationOrder"})
OF_SERVICES = frozenset({"ServiceRequest", "ProcedureRequest"})
CALLED_OFF = frozenset({"cancelled", "entered-in-error", "stopped", "revoked"})

NOT_SENT, NOT_FOUND, UNREADABLE = "orders-not-sent", "order-not-found", "order-unreadable"
NOT_SELECTED, FOR_NOBODY = "selection-not-among-orders", "order-for-no-patient"

_DEEPEST_NESTING = 6
Entry = tuple[Json, str]
"""A resource and its address; '' where it has none."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order: how the caller names it, and which of our concepts it holds; `in_order` are those of its `words`, in order."""

    reference: str
    of_drug: bool
    concepts: frozenset[str]
    by_name: bool
    in_order: tuple[str, ...]
    words: str = field(default="", repr=False)
    patient: str = field(default="", repr=False)  # whom it names; '' where it names nobody
    routes: frozenset[str] = frozenset()  # value sets of the ways of giving it that it tells, where labels may not be for them


@dataclass(frozen=True, slots=True)
class Orders:
    """What a call tells of orders. `codes` say why some of it is not used: for an operator, never a patient's data."""

    orders: tuple[Order, ...] = ()
    codes: tuple[str, ...] = ()


def read_orders(
    sent: bytes | None,
    vocabulary: Vocabulary,
    *,
    selections: Sequence[str] | None = None,
    drugs: Callable[[], Iterable[Slice]] = tuple,
    read: Callable[[str], Json | None] = read_nowhere,
) -> Orders:
    """Return the orders in what a client sent as a Bundle of orders, those that were called off left out.

    Of `selections` those orders are kept that they name; where they name none of them, or nothing, all are: what was chosen can
    then not be told. A drug that an order points to is looked for in the order, in the bundle, in `drugs`, and by `read`.
    """
    if sent is None:
        return Orders(codes=(NOT_SENT,))
    try:
        document: object = orjson.loads(sent)
    except (orjson.JSONDecodeError, RecursionError):
        return Orders(codes=(UNREADABLE,))
    found = list(_resources(document, "", _DEEPEST_NESTING))
    codes: list[str] = []
    wanted = {tail for reference in selections or () if (tail := _tail(reference))}
    chosen = [entry for entry in found if {_tail(_name(*entry)), _tail(entry[1])} & wanted]
    if wanted and not chosen:
        codes.append(NOT_SELECTED)
    return _read(found, chosen or found, codes, vocabulary, drugs, read)


def read_dispatched(
    references: Sequence[str] | None,
    requests: Iterable[Slice],
    vocabulary: Vocabulary,
    *,
    drugs: Callable[[], Iterable[Slice]] = tuple,
    read: Callable[[str], Json | None] = read_nowhere,
) -> Orders:
    """Return the orders that a call names, looked for among the requests of the record and by `read`."""
    if not references:
        return Orders(codes=(NOT_SENT,))
    wanted = dict.fromkeys(_tail(reference) for reference in references)
    known = {_tail(slice_.reference): slice_ for slice_ in requests}
    codes: list[str] = []
    found: list[Entry] = []
    for reference in wanted:
        resource = _decoded(known[reference]) if reference in known else read(reference)
        if resource:
            found.append((resource, reference))
        else:
            codes.append(NOT_FOUND)
    return _read(found, found, codes, vocabulary, drugs, read)


def of_patient(found: Orders, patient_id: str) -> Orders:
    """Return the orders that are for this patient: those that name them, and those that name nobody.

    Orders for a group, or for somebody who cannot be made out, are left out.
    Raises: WrongPatient where one names another patient: it must not be judged by this record.
    """
    kept: list[Order] = []
    codes = list(found.codes)
    for order in found.orders:
        if order.patient in {"", f"Patient/{patient_id}"}:
            kept.append(order)
        elif order.patient.startswith("Patient/"):
            hint = "send the orders of one patient a call"
            raise WrongPatient("an order is for another patient than the request names", where="context", hint=hint)
        else:
            codes.append(FOR_NOBODY)
    return Orders(tuple(kept), tuple(dict.fromkeys(codes)))


def _decoded(slice_: Slice) -> Json:
    try:
        return slice_.decoded()
    except (orjson.JSONDecodeError, RecursionError):
        return {}


def _resources(value: object, address: str, depth: int) -> Iterator[Entry]:
    """Yield the resources in a bundle of any shape, in a list, in `{resource: {}}` or alone, each with its address."""
    if isinstance(value, list):
        for item in value if depth else ():
            yield from _resources(item, "", depth - 1)
    elif isinstance(value, dict):
        inside = value.get("entry", value.get("resource"))
        if isinstance(inside, list | dict):
            url = value.get("fullUrl")
            yield from _resources(inside, url if isinstance(url, str) else "", depth - 1) if depth else ()
        elif isinstance(value.get("resourceType"), str):
            yield value, address


def _name(resource: Json, address: str) -> str:
    own = resource.get("id")
    return f"{resource['resourceType']}/{own}" if isinstance(own, str) and own else address


def _tail(reference: str) -> str:
    """Return `Type/id` of a reference however long its address is."""
    return "/".join(reference.split("/_history/", 1)[0].rsplit("/", 2)[-2:])


def _read(  # noqa: PLR0913 - the orders, and where their drugs may be
    found: list[Entry],
    chosen: list[Entry],
    codes: list[str],
    vocabulary: Vocabulary,
    drugs: Callable[[], Iterable[Slice]],
    read: Callable[[str], Json | None],
) -> Orders:
    shelf, elsewhere = Shelf(vocabulary), _Elsewhere(Shelf(vocabulary), drugs, read)
    patients: dict[str, str] = {}
    for resource, address in found:
        if resource["resourceType"] in POINTED_AT:
            shelf.keep(_slice(resource, address))
        elif resource["resourceType"] == "Patient" and address:
            patients[address] = _name(resource, address)
    orders: list[Order] = []
    for resource, address in chosen:
        kind = resource["resourceType"]
        if kind not in OF_DRUGS and kind not in OF_SERVICES:
            continue
        try:
            if text(resource, "status") in CALLED_OFF or resource.get("doNotPerform") is True:
                continue
            refuse_modified(resource)
            code = named_drug(resource, shelf, elsewhere) if kind in OF_DRUGS else coded(resource, "code", shelf.terms)
            owner = text(mapping(resource, "subject") or mapping(resource, "patient"), "reference", "subject.")
        except Unreadable:
            codes.append(UNREADABLE)
            continue
        orders.append(
            Order(
                reference=_name(resource, address),
                of_drug=kind in OF_DRUGS,
                concepts=code.concepts,
                by_name=code.by_name,
                in_order=shelf.terms.names_in(code.text),
                words=code.text,
                routes=_routes(resource, code, shelf) if code.concepts else frozenset(),
                patient=patients.get(owner) or _tail(owner),
            )
        )
    return Orders(tuple(orders), tuple(dict.fromkeys(codes)))


def _routes(resource: Json, code: Coded, shelf: Shelf) -> frozenset[str]:
    """Return the ways of giving that an order tells: by a code of the route, or by words of the route, the dosage or the drug."""
    written = resource.get("dosageInstruction")
    dosages = [item for item in (written if isinstance(written, list) else [written]) if isinstance(item, dict)]
    told: set[str] = set()
    words = [code.text]
    for dosage in dosages:  # one of another shape tells no route; that is no reason to lose the order
        try:
            route = coded(dosage, "route", shelf.terms)
        except Unreadable:
            route = NOTHING
        told |= route.concepts
        said = dosage.get("text")
        words += [route.text, said if isinstance(said, str) else ""]
        told.update(name for name, (_, alone) in shelf.vocabulary.phrases.routes.items() if alone.fullmatch(route.text.strip()))
    phrases = shelf.vocabulary.phrases
    for name, (pattern, _) in phrases.routes.items():
        if any(pattern.search(plain(text)) and not phrases.is_denied(text, pattern) for text in words):
            told.add(name)
    return frozenset(told) & phrases.routes.keys()


class _Elsewhere:
    """Finds a drug that is not in the bundle of orders: in the record as sent, opened only now, else on the record server."""

    def __init__(self, shelf: Shelf, drugs: Callable[[], Iterable[Slice]], read: Callable[[str], Json | None]) -> None:
        self._shelf = shelf
        self._drugs: Callable[[], Iterable[Slice]] | None = drugs
        self._read = read

    def __call__(self, reference: str) -> Json | None:
        if self._drugs is not None:
            for slice_ in self._drugs():
                self._shelf.keep(slice_)
            self._drugs = None
        return self._shelf.resolve(reference, {}) or self._read(reference)


def _slice(resource: Json, address: str) -> Slice:
    try:
        opened = open_resource(orjson.dumps(resource))
    except TypeError:  # nested deeper than it writes
        opened = open_resource(b"{}")
    opened.full_url = address
    return opened
