"""The faults of a discovery or response document as lines, each beginning with the item that it breaks."""

from cds_hooks.conformance import documents


def discovery_faults(document):
    return [str(fault) for fault in documents.discovery_faults(document)]


def response_faults(document):
    return [str(fault) for fault in documents.response_faults(document)]
