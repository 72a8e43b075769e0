"""Why something was not used, in words, and what may be done about it."""

from __future__ import annotations

REASONS = {
    "not-json": "no JSON, perhaps cut off; export it anew",
    "not-utf-8": "text in another encoding than UTF-8; convert the file",
    "other-encoding": "a file in UTF-16 or UTF-32, of which nothing is read; convert it to UTF-8",
    "line-too-long": "a line of more than 64 MB",
    "document-too-long": "a document of more than 256 MB; write it as lines, one resource a line",
    "gzip-broken-off": "no whole gzip file, read as far as it went; download it anew",
    "file-unreadable": "the file cannot be read; see who may read it",
    "file-changed": "the file was changed while it was read; screen it again when it is complete",
    "folder-unreadable": "the folder cannot be read; see who may read it",
    "linked-folder": "a link to a folder is not followed; name that folder itself",
    "link-leads-nowhere": "a link to a file that is not there",
    "no-plain-file": "a pipe or a device; write a plain file",
    "packed-otherwise": "packed as something else than gzip; unpack it",
    "listed-but-not-there": "the list of files of the export names it; download it",
    "no-patient-named": "it does not say which patient it belongs to (Patient/ID)",
    "patient-without-id": "a Patient without an id, to whom nothing can refer",
    "not-a-resource": "JSON, and no FHIR resource",
    "not-a-bundle": "no FHIR Bundle",
    "not-a-record": "a document that holds no data of patients",
    "unreadable": "it holds what FHIR R4 does not allow under `path`, or it is not told whether another version is newer",
    "bundle-without-resources": "a Bundle with nothing in it",
    "deletion-not-applied": "it names no resource that could be taken away",
    "other-fhir-version": "a type that FHIR R4 does not have; export as R4",
}
"""By the code under which it is listed."""


def in_words(code: str) -> str:
    """Return a code with what it means."""
    said = REASONS.get(code)
    return f"{code} ({said})" if said else code
