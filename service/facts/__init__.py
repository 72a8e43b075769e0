"""What the record says about the leukaemia, fact by fact, each with its evidence or its gap."""


def every_fact() -> None:
    """Enter all facts into the catalogue, in the order in which the assessment shows them."""
    from service.facts import (  # noqa: F401, PLC0415 - importing a module enters its facts
        antigens,
        course,
        demography,
        disease,
        genetics,
        organs,
        philadelphia,
        relapse_kind,
        relapses,
        response,
        treatment,
    )
