"""Which addresses are the same FHIR server, and which links stay within it (CH-A-07, CH-A-08)."""

import pytest

from service.clients.fhir_address import Base, base_of, registered

LISTED = "https://fhir.example/api/R4"
BASE = Base("https", "fhir.example", 443, "/api/R4")


@pytest.mark.parametrize(
    "address",
    [LISTED, f"{LISTED}/", "HTTPS://FHIR.EXAMPLE/api/R4", "https://fhir.example:443/api/R4", "https://Fhir.Example:443/api/R4//"],
)
def test_the_same_server_however_it_is_written(address):
    found = registered(address, [LISTED])
    assert found is not None
    assert found.address == LISTED


@pytest.mark.parametrize(
    "address",
    [
        *(
            "http://fhir.example/api/R4",
            "https://fhir.example:8443/api/R4",
            "https://fhir.example/api/r4",
            "https://fhir.example",
        ),
        *("https://fhir.example.evil.example/api/R4", "https://evil.example/https://fhir.example/api/R4"),
        *("https://fhir.example@evil.example/api/R4", "https://me:secret@fhir.example/api/R4", "https://fhir.example./api/R4"),
        *(
            "https://fhir.example/api/R4?x=1",
            "https://fhir.example/api/R4#x",
            "https://fhir.example:x/api/R4",
            "https://[::1/api/R4",
        ),
        *(
            "https://fhir.example/api/../api/R4",
            "https://fhir.example/api/R4/%2E%2e",
            "ftp://fhir.example/api/R4",
            "",
            "fhir.example",
        ),
    ],
)
def test_ch_a_07_another_server_however_near(address):
    assert registered(address, [LISTED]) is None


def test_ch_a_07_an_empty_list_lists_nothing():
    assert registered(LISTED, []) is None


@pytest.mark.parametrize(
    ("address", "written"),
    [("https://[2001:DB8::1]/r4", "https://[2001:db8::1]/r4"), ("http://h.example:8080", "http://h.example:8080")],
)
def test_an_address_is_written_as_it_is_called(address, written):
    found = base_of(address)
    assert found is not None
    assert found.address == written


@pytest.mark.parametrize(
    "link",
    [
        f"{LISTED}/Observation?page=2",
        f"{LISTED}?_getpages=abc%7Cdef&x=~",
        f"{LISTED}/Observation/_search?q=https://elsewhere.example/",
        "https://FHIR.example:443/api/R4/Observation?a=%2e%2e",
    ],
)
def test_ch_f_08_a_link_on_the_same_server_is_kept_word_for_word(link):
    assert BASE.own(link) == link


@pytest.mark.parametrize("link", ["Observation?page=2", "/api/R4/Observation?page=2", "?page=2"])
def test_a_link_without_a_host_is_one_on_this_server(link):
    found = BASE.own(link)
    assert found is not None
    assert found.startswith(f"{LISTED}/")


@pytest.mark.parametrize(
    "link",
    [
        *("https://elsewhere.example/api/R4/Observation", "http://fhir.example/api/R4/Observation"),
        *("https://fhir.example:444/api/R4/Observation", "https://fhir.example/api/R4x/Observation", "https://fhir.example/api"),
        *(f"{LISTED}/../admin", f"{LISTED}/%2e%2e/admin", f"{LISTED}/%252e%252e/admin", f"{LISTED}/..%2fadmin", "../admin"),
        *("//elsewhere.example/api/R4", "\\\\elsewhere.example\\api", f"{LISTED}\\..\\admin", "javascript:alert(1)"),
        *(f"{LISTED}/a b", f"{LISTED}/a\nb", f"{LISTED}/ä", f"{LISTED}#x", f"{LISTED}/{'x' * 8_000}"),
        *("https://me@fhir.example/api/R4/Observation", "https://fhir.example@elsewhere.example/api/R4/Observation"),
    ],
)
def test_ch_a_08_a_link_that_leads_elsewhere_is_none(link):
    assert BASE.own(link) is None
