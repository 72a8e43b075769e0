"""Changes of chromosomes and signals of FISH in the words of our markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.per_knowledge import per_knowledge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.facts.catalogue import View
    from service.facts.fish_notation import Pattern
    from service.facts.karyotype import Change, Clone, Karyotype
    from service.knowledge.chromosomes import ChromosomeFile, Fusion

_JOINING = frozenset({"t", "ins"})
_LETTERS = frozenset("pq")


class Notation:
    """What `chromosomes.yaml` says, ready to be asked."""

    def __init__(self, known: ChromosomeFile) -> None:
        """Keep the fusions with the places of their genes."""
        self._names = {name: gene.gene for gene in known.genes for name in (gene.gene, *gene.also)}
        self._bands = {gene.gene: _place(gene.band) for gene in known.genes}
        self._probes = {name: probe.chromosome for probe in known.probes for name in probe.names}
        self._fusions = known.fusions

    def gene(self, written: str) -> str:
        """Return a gene under its present name."""
        return self._names.get(written, written)

    def chromosome(self, probe: str) -> str | None:
        """Return the chromosome that a probe counts; None for the probe of a gene."""
        return self._probes.get(probe)

    def of_change(self, change: Change) -> set[str]:
        """Return the markers that a change of chromosomes is."""
        return {fusion.marker for fusion in self._fusions if self._is(change, fusion)}

    def _is(self, change: Change, fusion: Fusion) -> bool:
        if change.held_by and fusion.held_by and change.held_by != fusion.held_by:
            return False
        if not change.bands:
            return f"{change.kind}({';'.join(change.chromosomes)})" in fusion.without_bands
        if not fusion.by_bands or change.kind not in _JOINING:
            return False
        return all(self._lies_at(gene, change) for gene in fusion.genes)

    def _lies_at(self, gene: str, change: Change) -> bool:
        chromosome, band = self._bands[gene]
        return any(
            name == chromosome and any(written.startswith(band) for written in bands)
            for name, bands in zip(change.chromosomes, change.bands, strict=True)
        )

    def of_genes(self, genes: Iterable[str]) -> set[str]:
        """Return the markers that a fusion of these genes is."""
        fused = {self.gene(gene) for gene in genes}
        return {
            fusion.marker
            for fusion in self._fusions
            if fused.issuperset(fusion.genes) and len(fused) > 1 and fused.isdisjoint(fusion.never_with)
        }

    def of_partnerless(self, gene: str) -> set[str]:
        """Return the markers that a rearrangement of one gene is, whatever its partner."""
        return {fusion.marker for fusion in self._fusions if fusion.genes == (self.gene(gene),) and not fusion.never_with}

    def has_fixed_partner(self, marker: str) -> bool:
        """Return whether a marker is the fusion of two given genes."""
        return any(fusion.marker == marker and len(fusion.genes) > 1 for fusion in self._fusions)

    def is_of_one_gene(self, marker: str) -> bool:
        """Return whether a marker is the rearrangement of one gene only."""
        return sum(fusion.marker == marker for fusion in self._fusions) == 1

    def in_clone(self, clone: Clone) -> set[str]:
        """Return the markers that one clone shows."""
        return {marker for change in clone.changes for marker in self.of_change(change)}

    def in_pattern(self, pattern: Pattern) -> tuple[set[str], set[str]]:
        """Return the markers that a pattern of FISH shows and those that it excludes."""
        shown = {marker for pair in pattern.fused for marker in self.of_genes(pair)}
        shown |= {marker for probe in pattern.split for marker in self.of_partnerless(probe)}
        probes = {self.gene(probe) for probe in pattern.probes}
        genes = {gene for fusion in self._fusions for gene in fusion.genes} & probes
        tested = {
            fusion.marker
            for fusion in self._fusions
            if (len(fusion.genes) > 1 and genes.issuperset(fusion.genes)) or (fusion.break_apart and genes == set(fusion.genes))
        }
        return shown, tested - shown


def _place(band: str) -> tuple[str, str]:
    arm = next(place for place, letter in enumerate(band) if letter in _LETTERS)
    return band[:arm], band[arm:]


_notation_of = per_knowledge(Notation)


def notation(view: View) -> Notation:
    """Return the notation of the knowledge in force."""
    return _notation_of(view.limits.chromosomes())


def involves(karyotype: Karyotype, chromosome: str) -> bool:
    """Return whether a chromosome is changed in a clone, or may be because something in it was not understood."""
    return any(
        not clone.complete
        or clone.unnamed
        or chromosome in clone.gained + clone.lost
        or any(chromosome in (*change.chromosomes, change.held_by) for change in clone.changes)
        for clone in karyotype.leukaemic
    )
