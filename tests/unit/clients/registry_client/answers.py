"""A client on a clock of ours, and what a registry that is not there answers it."""

from dataclasses import replace

from responses import matchers

from service.clients.registry import RegistryClient
from service.clients.registry_http import Manners, RegistryHttp

BASE = "https://registry.example/api/v2"
ONE, TWO, THREE = "NCT99990001", "NCT99990002", "NCT99990003"


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def client_with(time, base=BASE, **manners):
    http = RegistryHttp(base, manners=replace(Manners(), **manners), sleep=time.sleep, clock=time.clock)
    return RegistryClient(http)


def single(web, number, **answer):
    web.get(f"{BASE}/studies/{number}", **answer)


def batch(web, numbers, **answer):
    asked = matchers.query_param_matcher({"filter.ids": ",".join(numbers)}, strict_match=False)
    web.get(f"{BASE}/studies", match=[asked], **answer)


def named(studies):
    return [record.nct_id for record in studies.found]
