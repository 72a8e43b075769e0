"""Made-up studies in the layout of the registry's API v2. None exists: see their numbers and titles."""

import copy
from typing import Any

CRITERIA = "Inclusion Criteria:\n\n* Invented for tests\n\nExclusion Criteria:\n\n* Real patients"


def study(number, status="RECRUITING", **modules):
    """Return a whole study; `modules` replace or, with None, remove members of its protocolSection."""
    protocol: dict[str, Any] = {
        "identificationModule": {"nctId": number, "briefTitle": f"SYNTHETIC study {number}", "acronym": f"SYN-{number[-2:]}"},
        "statusModule": {
            "overallStatus": status,
            "statusVerifiedDate": "2026-10",
            "lastUpdatePostDateStruct": {"date": "2026-11-01", "type": "ACTUAL"},
        },
        "conditionsModule": {"conditions": ["Acute Lymphoblastic Leukemia"]},
        "eligibilityModule": {"eligibilityCriteria": CRITERIA, "sex": "ALL", "minimumAge": "1 Year", "maximumAge": "21 Years"},
        "contactsLocationsModule": {
            "locations": [
                {
                    "facility": "Synthetic Hospital",
                    "status": status,
                    "city": "Barcelona",
                    "country": "Spain",
                    "geoPoint": {"lat": 41.38879, "lon": 2.15899},
                }
            ]
        },
    }
    protocol.update(modules)
    return {"protocolSection": {name: copy.deepcopy(part) for name, part in protocol.items() if part is not None}}
