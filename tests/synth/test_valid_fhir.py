"""Every resource of made-up patients is FHIR R4, and so is each of their bundles."""

from __future__ import annotations

from fhir.resources.R4B import get_fhir_model_class

from service.synth.bundles import bundle_of
from service.synth.export import made_up


def test_what_is_made_up_is_valid():
    for made in made_up(40, 11):
        for resource in made.story.resources:
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)  # raises with the place
        get_fhir_model_class("Bundle").model_validate(bundle_of(made.story))
