"""Where rows of the faultless library stand, and the one fault that a broken line of it makes."""

THERAPY = "therapies/examplomab.yaml"
INDICATION = f"{THERAPY} examplomab / indications / F-EXA-1"
VERSION = f"{INDICATION} / versions / 2031-04-02"
RISK = "risk_systems/example-2040.yaml"
TABLE = f"{RISK} EX40 / versions / 2030-01-01"


def one_fault(shelf, file, old, new):
    shelf.change(file, old, new)
    (fault,) = shelf.faults()
    return fault
