"""What can go wrong, and whose turn it is.

ServiceError
├── KnowledgeError        a data file is wrong       → we refuse to start   exit 3
├── RecordError           this record is unusable    → 4xx                  exit 4
│   ├── NotJson · NotABundle                           400
│   ├── TooLarge                                       413
│   ├── NoPatient · WrongPatient · PrefetchFailed      422, 412
│   ├── OtherFhirVersion                               412
│   └── FileChanged           of a cohort only         422
├── RequestError          the call itself is wrong   → 400                  exit 2
│   ├── UnsupportedMediaType                           415
│   └── TooManyCalls                                   429
├── OutOfTime             the answer comes too late  → 503                  exit 4
├── UpstreamError         another server failed      → cards without it     exit 5
│   └── RegistryError · FhirServerError · LoginFailed  502
└── StoreError            our database               → 503                  exit 6
    └── SealBroken            not ours to open         404

Missing clinical data is not here: it is a Gap, a normal answer.
Every error has a stable `code`, a `where` (file and row, parameter, or resource id; never patient data) and a `hint`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class ServiceError(Exception):
    """The root of everything this service raises on purpose."""

    code: ClassVar[str] = "internal"

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a data file: where it stands, what it is, and what may have been meant."""

    where: str
    text: str
    hint: str = ""
    file: str = ""  # with `line`: the file that `where` begins with, and the line (from 1) in it
    line: int = 0

    def __str__(self) -> str:
        """Return the fault on one line."""
        where = f"{self.file}:{self.line}{self.where.removeprefix(self.file)}" if self.line else self.where
        return f"{where}: {self.text}" + (f" ({self.hint})" if self.hint else "")


class KnowledgeError(ServiceError):
    """The knowledge files have faults; all of them are listed at once."""

    code = "knowledge-faulty"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} fault(s) in the knowledge files:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = faults


class RecordError(ServiceError):
    """The record as a whole cannot be used."""

    code = "record-unusable"


class NotJson(RecordError):
    """The body is not JSON."""

    code = "not-json"


class NotABundle(RecordError):
    """The body is JSON, but not a FHIR Bundle."""

    code = "not-a-bundle"


class TooLarge(RecordError):
    """The body is larger than the setting allows."""

    code = "too-large"


class NoPatient(RecordError):
    """No Patient resource was found."""

    code = "no-patient"


class WrongPatient(RecordError):
    """The data belong to more than one patient, or to another one than the request names."""

    code = "wrong-patient"


class PrefetchFailed(RecordError):
    """Required data were neither sent nor obtainable. `remarks`: the codes with which the client says why, for a log."""

    code = "prefetch-failed"

    def __init__(self, message: str, *, where: str = "", hint: str = "", remarks: tuple[str, ...] = ()) -> None:
        super().__init__(message, where=where, hint=hint)
        self.remarks = remarks


class OtherFhirVersion(RecordError):
    """The data are not in the version of FHIR that we read: as good as not sent."""

    code = "other-fhir-version"


class FileChanged(RecordError):
    """The file that holds results of a patient is gone, or no longer what was listed: what is left may be somebody else's."""

    code = "file-changed"


class RequestError(ServiceError):
    """A parameter of the call is wrong."""

    code = "bad-parameter"


class UnsupportedMediaType(RequestError):
    """The content type or encoding of the body is not one that we read."""

    code = "unsupported-media-type"


class TooManyCalls(RequestError):
    """A caller calls more often than it may; after `retry_after` seconds it may again."""

    code = "too-many-calls"

    def __init__(self, message: str, *, where: str = "", hint: str = "", retry_after: int = 60) -> None:
        super().__init__(message, where=where, hint=hint or f"again in {retry_after} s")
        self.retry_after = retry_after


class OutOfTime(ServiceError):
    """The answer would come later than its caller waits for it."""

    code = "out-of-time"


class UpstreamError(ServiceError):
    """Another server failed us."""

    code = "upstream-failed"


class RegistryError(UpstreamError):
    """The trial registry failed us, or gave an answer that cannot be used; what was seen before still stands."""

    code = "registry-failed"


class LoginFailed(UpstreamError):
    """A record server did not let its user in, or said something that cannot be used; nothing was read."""

    code = "login-failed"


class FhirServerError(UpstreamError):
    """The record system's FHIR server did not give us what we asked for; `reason` is a word for logs and counts."""

    code = "fhir-server-failed"

    def __init__(
        self, message: str = "the record could not be fetched", *, where: str = "", hint: str = "", reason: str = ""
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.reason = reason


class StoreError(ServiceError):
    """Our own store failed."""

    code = "store-failed"


class SealBroken(StoreError):
    """Something kept cannot be opened: sealed with a key that is not set any more, changed, or moved from its place."""

    code = "seal-broken"
