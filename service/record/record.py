"""The patient record: only what facts ask for, in small frozen parts, each knowing where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from service.logic.fact import Evidence

if TYPE_CHECKING:
    from decimal import Decimal

    from service.logic.dates import PartialDate
    from service.logic.interval import Interval
    from service.record.findings import Answer, Finding


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about the input that a human should know; `where` names resource and element, never a person."""

    severity: Literal["information", "warning", "error"]
    code: str
    where: str
    text: str


class Amount(msgspec.Struct, frozen=True, gc=False):
    """A number as recorded: an interval where a comparator or a range was given; the unit as written ('' if none)."""

    interval: Interval
    unit: str
    ratio: bool = False


Specimen = Literal["marrow", "blood", "csf", "other", "unclear"]  # unclear: told, and none of these as far as we know


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One result: an Observation or one component of it.

    `concepts` are the value sets in which its codes stand, `answers` those of its coded value and interpretation.
    `parent` holds the concepts of the Observation around a component.
    """

    reference: str
    path: str
    when: PartialDate | None
    concepts: frozenset[str]
    text: str
    parent: frozenset[str] = frozenset()
    amount: Amount | None = None
    answers: frozenset[str] = frozenset()
    words: str = ""  # valueString, value text, interpretation text, absent-reason text, in this order
    coded: tuple[tuple[str, str], ...] = ()  # (system short name, code) of a coded value
    flag: bool | None = None  # valueBoolean
    whole: int | None = None  # valueInteger
    day: PartialDate | None = None  # valueDateTime
    specimen: Specimen | None = None
    note: str = ""
    preliminary: bool = False
    absent: bool = False  # dataAbsentReason is given and no value stands
    absent_for: frozenset[str] = frozenset()  # concepts of that reason
    upper_limit: Decimal | None = None  # referenceRange.high in the unit of the amount
    components: tuple[Reading, ...] = ()
    findings: tuple[tuple[str, Finding], ...] = ()  # what the words say of named markers
    named: frozenset[str] = frozenset()  # concepts named in the texts of code and value, whatever the codes say
    says: Answer | None = None  # what the words say of the one thing the reading is about
    methods: frozenset[str] = frozenset()  # concepts of the method, and methods and time points named in the texts
    not_quantifiable: bool = False  # the words say: positive, below the range in which the number counts
    sensitivity: Decimal | None = None  # percent; the sensitivity that words or notes state
    subset: bool = False  # the name of the test tells of lymphocytes, not of blasts
    by_name: bool = False  # no code was known; the concepts come from names in the text
    code_codings: tuple[tuple[str, str], ...] = ()  # (system short name, code) of the code itself
    focus: tuple[str, ...] = ()  # the Conditions that the result is about, where it names them
    treated: frozenset[str] = frozenset()  # immunotherapies and kinase inhibitors that a report says were given before
    since: PartialDate | None = None  # of a status of the disease, since which day it is so
    text_only: bool = False  # a report without results: its words are all there is
    leads: bool = False  # a panel that leads to other results

    def evidence(self, text: str) -> Evidence:
        """Return this reading as evidence, with what was read in it."""
        return Evidence(self.reference, self.path, self.when, text)


class Diagnosis(msgspec.Struct, frozen=True, gc=False):
    """One Condition that counts: those entered in error never come here, refuted ones stand apart in the record."""

    reference: str
    concepts: frozenset[str]
    coded: tuple[tuple[str, str], ...]  # (system short name, code)
    text: str
    clinical: str  # active, recurrence, relapse, inactive, remission, resolved or ''
    certain: bool  # False for provisional, differential, unconfirmed
    onset: PartialDate | None
    recorded: PartialDate | None
    abated: PartialDate | None
    sites: frozenset[str] = frozenset()
    note: str = ""
    named: frozenset[str] = frozenset()  # concepts whose names stand in the text of the code, whatever the code says
    doubted: frozenset[str] = frozenset()  # leukaemias among them that the text does not say to be the patient's
    says_relapse: bool = False  # the text of the code speaks of a relapse without denying or doubting it
    # how the text tells a relapse of which it neither says nor denies that it was one of the leukaemia, as concepts
    names_relapse: frozenset[str] = frozenset()
    first_remission: bool = False  # words of its clinical status tell the first one
    note_tells_relapse: bool = False  # the notes tell or suspect one of the leukaemia
    noted: frozenset[str] = frozenset()  # concepts whose names stand in the notes
    findings: tuple[tuple[str, Finding], ...] = ()
    # immunotherapies and kinase inhibitors that the text or the notes say were given before
    treated: frozenset[str] = frozenset()
    grafted: bool = False  # the text or the notes say that there was a transplant before, and of no autologous one
    refuted: bool = False  # looked for, and found not to be there
    began_before: bool = False  # the onset is told without a day: by an age, a range of ages, words, or an end alone
    onset_age: int | None = None  # the completed years of age at the onset, where they are told
    at_visit: bool = False  # the diagnosis of a visit, whose days are those of the visit


MENTION: Final = "mention"
NOT_TOLD: Final = "drug-not-told"
"""The concept of a drug of which nothing tells what it is: it may be any."""


Doubt = Literal["", "denied", "past-day"]
"""Why what is no order was perhaps not given: its status does not tell, it is denied beside that, or perhaps came later."""


class Drug(msgspec.Struct, frozen=True, gc=False):
    """One drug given, ordered or stated. Drafts, cancelled orders and not-done administrations never come here."""

    reference: str
    concepts: frozenset[str]
    text: str
    # a procedure: one that was perhaps done; a mention: only a diagnosis tells
    kind: Literal["request", "administration", "statement", "dispense", "procedure", "mention"]
    start: PartialDate | None
    end: PartialDate | None
    given: bool  # an administration, dispense or statement of use; an order alone is not treatment
    finished: bool = False  # an order that is completed or stopped: perhaps given, never certainly
    reason: str = ""  # statusReason and note text
    resisted: bool = False  # the reason names resistance or relapse, not intolerance
    not_tolerated: bool = False  # the reason names intolerance and no resistance
    ongoing: bool = False  # active, and no end is recorded
    intrathecal: bool = False  # given into the cerebrospinal fluid
    doubt: Doubt = ""

    @property
    def is_order(self) -> bool:
        """Whether it is an order, of which nobody recorded that it was carried out."""
        return self.kind == "request"

    @property
    def is_mention(self) -> bool:
        """Whether only the words or the code of something else tell of it: no day of its own, no order, no dose."""
        return self.kind == MENTION


class Treatment(msgspec.Struct, frozen=True, gc=False):
    """One procedure that was done."""

    reference: str
    concepts: frozenset[str]
    text: str
    start: PartialDate | None
    end: PartialDate | None
    done: bool  # False while in progress or stopped


class Visit(msgspec.Struct, frozen=True, gc=False):
    """One visit that was coded with a relapse or a remission of the leukaemia: it proves no disease and dates none."""

    reference: str
    concepts: frozenset[str]
    when: PartialDate | None


class Sensitivity(msgspec.Struct, frozen=True, gc=False):
    """One allergy or intolerance that counts."""

    reference: str
    concepts: frozenset[str]
    text: str
    when: PartialDate | None


Item = Reading | Diagnosis | Drug | Treatment | Sensitivity | Visit
"""What one resource tells."""

ANY_TYPE = "*"


@dataclass(frozen=True, slots=True)
class Unread:
    """A resource that is broken: what it was about, as far as its code tells, and where it broke.

    `lost`: its type, where its code cannot be read either: it may have been about anything; `ANY_TYPE` where that is not told.
    `when`: its day, where that can be read: what it tells is not newer. `relapsed`: a condition that may tell a relapse.
    """

    concepts: frozenset[str]
    reference: str
    path: str
    lost: str = ""
    when: PartialDate | None = None
    relapsed: bool = False


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """One patient: everything that facts may ask for."""

    reference: str
    birth: PartialDate | None = None
    sex: str = ""
    replaced: bool = False  # by another Patient: two records of one person were merged
    deceased: bool = False  # a death is recorded that is not surely after the day asked for
    readings: tuple[Reading, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    refuted: tuple[Diagnosis, ...] = ()  # conditions that were looked for and are not there
    drugs: tuple[Drug, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    sensitivities: tuple[Sensitivity, ...] = ()
    visits: tuple[Visit, ...] = ()
    problems: tuple[Problem, ...] = ()
    unreadable: tuple[Unread, ...] = ()
    unavailable: frozenset[str] = field(default_factory=frozenset)  # kinds of data that could not be had
