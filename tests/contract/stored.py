"""Where the stored patients and calls are, and their names."""

from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
REQUESTS = sorted(path.stem for path in (FIXTURES / "requests").glob("*.json"))
PATIENTS = sorted(path.stem for path in (FIXTURES / "patients").glob("*.json"))
HOOK = "/cds-services/all-immunotherapy"
SERVICES = {
    "patient-view": HOOK,
    "encounter-start": HOOK,
    "order-select": f"{HOOK}-order",
    "order-sign": f"{HOOK}-order",
    "order-dispatch": f"{HOOK}-dispatch",
}


def stored_request(name):
    return (FIXTURES / "requests" / f"{name}.json").read_bytes()


def stored_patient(name):
    return (FIXTURES / "patients" / f"{name}.json").read_bytes()
