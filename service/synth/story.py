"""A patient's story, told in sentences and written as FHIR R4 resources."""

from __future__ import annotations

from typing import Any

from service.synth.codes import CODES, FACTS, Code, concept
from service.synth.values import Json, coded, part, percent, quantity, truth, whole

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"


class Story:
    """One patient and what was recorded; each call adds a resource and returns it, so that others can point to it."""

    def __init__(self, name: str, *, born: str, sex: str, told_as: str = "collection", addressing: str = "relative"):
        """Begin with the patient. `told_as` and `addressing` are the kinds of bundle and of references (see bundles.py)."""
        self.name = name
        self.told_as = told_as
        self.addressing = addressing
        self.compact = False
        self.prefix = ""  # of the ids, where many patients share one export
        self.resources: list[Json] = []
        self.unreadable: set[str] = set()
        self._counts: dict[str, int] = {}
        self.patient: Json = {
            "resourceType": "Patient",
            "id": name,
            "name": [{"family": "Invented", "given": [name]}],
            "gender": sex,
            "birthDate": born,
        }
        self.resources.append(self.patient)

    # --- the general calls ------------------------------------------------------------------------------------------

    def add(self, kind: str, label: str, **members: Any) -> Json:
        """Add a resource called `<label>-<n>`; members without a value are left out."""
        self._counts[label] = self._counts.get(label, 0) + 1
        made = {"resourceType": kind, "id": f"{self.prefix}{label}-{self._counts[label]}"}
        made.update({name: value for name, value in members.items() if value not in (None, "", [], {})})
        self.resources.append(made)
        return made

    def about(self) -> Json:
        """Return the reference to the patient."""
        return reference(self.patient)

    def observed(
        self,
        label: str,
        code: Code | str | Json,
        on: str,
        value: Json,
        *,
        marrow: bool = False,
        status: str = "final",
        **members: Any,
    ) -> Json:
        """Add an Observation. `value` is made by values.py; a code given as words has no coding."""
        found = concept(text=code) if isinstance(code, str) else concept(code) if isinstance(code, Code) else code
        return self.add(
            "Observation",
            label,
            status=status,
            category=[concept(Code(TERMINOLOGY + "observation-category", "laboratory"))],
            code=found,
            subject=self.about(),
            effectiveDateTime=on,
            **{**({"specimen": {"display": "Bone marrow"}} if marrow else {}), **value, **members},
        )

    def stated(self, what: str, on: str, value: Json | Code | str | int | bool, *components: Json) -> Json:
        """Add a clinician's statement in the project's own code system; words alone are a code of that system."""
        answer: Json
        match value:
            case bool():
                answer = truth(value)
            case int():
                answer = whole(value)
            case Code():
                answer = coded(value)
            case str():
                answer = coded(Code(FACTS, value))
            case _:
                answer = value
        return self.observed(what, Code(FACTS, what), on, answer, component=list(components))

    # --- the disease ------------------------------------------------------------------------------------------------

    def diagnosed(
        self,
        on: str | None,
        *codes: Code,
        text: str = "",
        status: str = "active",
        verification: str = "confirmed",
        label: str = "leukaemia",
        **members: Any,
    ) -> Json:
        """Add a Condition with its onset; without codes and words it is B-ALL in SNOMED CT."""
        return self.add(
            "Condition",
            label,
            clinicalStatus=concept(Code(TERMINOLOGY + "condition-clinical", status)),
            verificationStatus=concept(Code(TERMINOLOGY + "condition-ver-status", verification)),
            code=concept(*(codes if codes or text else (CODES["b-all"],)), text=text),
            subject=self.about(),
            onsetDateTime=on,
            recordedDate=on,
            **members,
        )

    def remission(self, on: str, *codes: Code) -> Json:
        """Add a remission: a statement, or a Condition in remission where codes are given."""
        if codes:
            return self.diagnosed(on, *codes, status="remission", label="remission")
        return self.stated("disease-state", on, "remission")

    def relapsed(self, on: str, *codes: Code, status: str = "relapse", blasts: float | None = None) -> Json:
        """Add a relapse as a Condition, and the marrow that showed it."""
        if blasts is not None:
            self.blasts(on, blasts)
        return self.diagnosed(on, *codes, status=status, label="relapse")

    # --- results ----------------------------------------------------------------------------------------------------

    def wbc(self, on: str, number: float, unit: str = "10*9/L", code: Code = CODES["wbc"], **members: Any) -> Json:
        """Add a white-cell count."""
        return self.observed("wbc", code, on, quantity(number, unit), **members)

    def blasts(self, on: str, number: float) -> Json:
        """Add the percentage of blasts in a marrow."""
        return self.observed("marrow-blasts", CODES["marrow-blasts"], on, percent(number), marrow=True)

    def marker(self, name: str, on: str, value: Json, code: Code | str | None = None, **members: Any) -> Json:
        """Add an antigen on the blasts; `name` is `cd19` or `cd22`, the code our own unless another is given."""
        return self.observed(name, Code(FACTS, f"{name}-blasts") if code is None else code, on, value, marrow=True, **members)

    def mrd(self, on: str, value: Json, *, method: str = "", time_point: str = "", laboratory: str = "") -> Json:
        """Add a measurable residual disease of the marrow."""
        named = {"mrd-time-point": time_point, "laboratory": laboratory}
        components = [part(Code(FACTS, name), coded(Code(FACTS, code))) for name, code in named.items() if code]
        how = concept(text=method)
        return self.observed("mrd", Code(FACTS, "mrd"), on, value, marrow=True, method=how, component=components)

    def fish_bcr_abl1(self, on: str, value: Json | None = None) -> Json:
        """Add BCR::ABL1 by FISH, negative unless told otherwise."""
        return self.observed(
            "fish", CODES["bcr-abl1-fish"], on, coded(CODES["negative"]) if value is None else value, marrow=True
        )

    def marrow_sample(self, on: str) -> Json:
        """Add a marrow specimen, for Observations to point to."""
        return self.add(
            "Specimen", "marrow", type=concept(CODES["marrow"]), subject=self.about(), collection={"collectedDateTime": on}
        )

    def report(self, on: str, code: Code, *results: Json, conclusion: str = "") -> Json:
        """Add a report over results."""
        return self.add(
            "DiagnosticReport",
            "report",
            status="final",
            code=concept(code),
            subject=self.about(),
            effectiveDateTime=on,
            result=[reference(result) for result in results],
            conclusion=conclusion,
        )

    # --- treatment --------------------------------------------------------------------------------------------------

    def given(self, drug: Code, start: str, end: str = "", *, contained: bool = False, status: str = "completed") -> Json:
        """Add an administration; `contained` puts the drug into a Medication inside it."""
        medication: Json = {"medicationCodeableConcept": concept(drug)}
        if contained:
            inside = {"resourceType": "Medication", "id": "drug", "code": concept(drug)}
            medication = {"contained": [inside], "medicationReference": {"reference": "#drug"}}
        return self.add(
            "MedicationAdministration",
            "administration",
            status=status,
            subject=self.about(),
            **medication,
            **period("effective", start, end),
        )

    def took(self, drug: Code, start: str, end: str = "", *, reason: str = "", status: str = "completed", **members: Any) -> Json:
        """Add a MedicationStatement; `reason` says why it ended."""
        return self.add(
            "MedicationStatement",
            "medication",
            status=status,
            statusReason=[concept(text=reason)] if reason else None,
            medicationCodeableConcept=concept(drug),
            subject=self.about(),
            **period("effective", start, end),
            **members,
        )

    def ordered(self, drug: Code, on: str, *, medication: Json | None = None, status: str = "active") -> Json:
        """Add an order; with `medication` it points to that Medication instead of naming the drug."""
        named = {"medicationReference": reference(medication)} if medication else {"medicationCodeableConcept": concept(drug)}
        return self.add("MedicationRequest", "order", status=status, intent="order", subject=self.about(), authoredOn=on, **named)

    def performed(self, label: str, on: str, *codes: Code, end: str = "", text: str = "", status: str = "completed") -> Json:
        """Add a procedure, for example a transplantation."""
        when = period("performed", on, end)
        return self.add("Procedure", label, status=status, code=concept(*codes, text=text), subject=self.about(), **when)


def reference(resource: Json) -> Json:
    """Return a reference to a resource of the same story."""
    return {"reference": f"{resource['resourceType']}/{resource['id']}"}


def period(element: str, start: str, end: str) -> Json:
    """Return a moment, or a period where there is an end."""
    return {f"{element}Period": {"start": start, "end": end}} if end else {f"{element}DateTime": start}
