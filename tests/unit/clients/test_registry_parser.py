"""Made-up studies, with every member missing, null or of another kind."""

import copy

import pytest

from service.clients.registry_countries import country_code
from service.clients.registry_parser import read_study
from tests.stand_ins.synthetic_studies import CRITERIA, study

NUMBER = "NCT99990001"


def read(whole):
    """Return the record of a study that has a number."""
    found = read_study(whole)
    assert found is not None
    return found


def test_a_whole_study():
    found = read(
        study(
            NUMBER,
            "UNKNOWN",
            statusModule={"overallStatus": "UNKNOWN", "lastKnownStatus": "RECRUITING", "whyStopped": "Nobody answers"},
            identificationModule={
                "nctId": NUMBER,
                "nctIdAliases": ["NCT99990009"],
                "officialTitle": "SYNTHETIC official",
                "secondaryIdInfos": [{"id": "2017-002116-14", "type": "EUDRACT_NUMBER"}, {"id": "x"}, {"type": "OTHER"}],
            },
            armsInterventionsModule={"interventions": [{"type": "BIOLOGICAL", "name": "Blinatumomab", "otherNames": ["MT103"]}]},
        )
    )
    # trials.md 2.1: lastKnownStatus is never the status
    assert (found.status, found.last_known_status, found.why_stopped) == ("UNKNOWN", "RECRUITING", "Nobody answers")
    assert (found.title, found.aliases) == ("SYNTHETIC official", ("NCT99990009",))
    assert found.secondary_ids == (("EUDRACT_NUMBER", "2017-002116-14"), ("", "x"))
    assert [(drug.kind, drug.name, drug.other_names) for drug in found.interventions] == [
        ("BIOLOGICAL", "Blinatumomab", ("MT103",))
    ]
    assert (found.minimum_age, found.maximum_age, found.criteria) == ("1 Year", "21 Years", CRITERIA)


@pytest.mark.parametrize(
    ("status", "kept"),
    [
        ("RECRUITING", True),
        ("NOT_YET_RECRUITING", True),
        ("ENROLLING_BY_INVITATION", True),
        ("AVAILABLE", True),
        ("SUSPENDED", False),
        ("ACTIVE_NOT_RECRUITING", False),
        ("COMPLETED", False),
        ("UNKNOWN", False),
    ],
)
def test_a_site_has_a_status_only_while_the_study_is_open(status, kept):
    locations = {"locations": [{"facility": "Synthetic", "status": "RECRUITING"}]}
    (site,) = read(study(NUMBER, status, contactsLocationsModule=locations)).sites
    assert site.status == ("RECRUITING" if kept else "")


@pytest.mark.parametrize("whole", [None, [], "text", 1, {}, {"protocolSection": None}, study("NCT1"), study("nct99990001")])
def test_without_a_number_there_is_no_record(whole):
    assert read_study(whole) is None


def members(value, path=()):
    """The path of every member of a document, at any depth."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield (*path, name)
            yield from members(part, (*path, name))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield (*path, place)
            yield from members(part, (*path, place))


FULL = study(
    NUMBER,
    sponsorCollaboratorsModule={"leadSponsor": {"name": "Synthetic sponsor"}},
    designModule={"phases": ["PHASE1", "PHASE2"], "enrollmentInfo": {"count": 30}},
    armsInterventionsModule={"interventions": [{"type": "DRUG", "name": "Examplomab", "otherNames": ["EX-1"]}]},
)
MEMBERS = [path for path in members(FULL) if path[:3] != ("protocolSection", "identificationModule", "nctId")]


@pytest.mark.parametrize("odd", [None, "text", 7, 1.5, True, [], {}, [None], [["x"]], float("nan")], ids=repr)
def test_any_member_may_be_of_any_kind(odd):
    numbers = set()
    for path in MEMBERS:
        changed = copy.deepcopy(FULL)
        inner = changed
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = odd
        found = read_study(changed)
        numbers.add(found.nct_id if found is not None else None)
    # None where the member held the number itself
    assert numbers <= {NUMBER, None}
    assert NUMBER in numbers


def test_any_member_may_be_missing():
    for path in MEMBERS:
        changed = copy.deepcopy(FULL)
        inner = changed
        for step in path[:-1]:
            inner = inner[step]
        del inner[path[-1]]
        found = read_study(changed)
        if "identificationModule" not in path[:2] and path != ("protocolSection",):
            assert found is not None, path


def test_what_is_not_said_is_empty():
    found = read({"protocolSection": {"identificationModule": {"nctId": NUMBER}}})
    assert (found.status, found.title, found.criteria, found.sites, found.enrolment) == ("", "", "", (), None)
    assert (found.minimum_age, found.maximum_age, found.criteria_hash) == ("", "", "")


@pytest.mark.parametrize(
    "point",
    [
        {"lat": 91, "lon": 0},
        {"lat": 0, "lon": -181},
        {"lat": 1},
        {"lat": "1", "lon": 2},
        {"lat": True, "lon": 2},
        {"lat": 1, "lon": float("inf")},
    ],
    ids=str,
)
def test_a_place_that_is_not_on_the_earth_is_none(point):
    (site,) = read(study(NUMBER, contactsLocationsModule={"locations": [{"geoPoint": point}]})).sites
    assert (site.latitude, site.longitude) == (None, None)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United States", "US"),
        ("Spain", "ES"),
        ("Korea, Republic of", "KR"),
        ("South Korea", "KR"),
        ("Turkey (Türkiye)", "TR"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Russia", "RU"),
        ("Russian Federation", "RU"),
        ("Taiwan", "TW"),
        ("Vietnam", "VN"),
        ("Czechia", "CZ"),
        ("Iran, Islamic Republic of", "IR"),
        ("Macedonia, The Former Yugoslav Republic of", "MK"),
        ("The Bahamas", "BS"),
        ("Hong Kong", "HK"),
        ("Côte D'Ivoire", "CI"),
        ("Niger", "NE"),
        ("Former Yugoslavia", ""),
        ("Kosovo", ""),
        ("ES", ""),
        ("ESP", ""),
        ("Spa", ""),
        ("", ""),
    ],
)
def test_countries_as_registries_write_them(name, code):
    assert country_code(name) == code


def test_the_name_of_an_unknown_country_is_kept():
    (site,) = read(study(NUMBER, contactsLocationsModule={"locations": [{"country": "Atlantis"}]})).sites
    assert (site.country, site.country_name) == ("", "Atlantis")
