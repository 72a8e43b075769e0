"""The codes that stories speak in, each under a name that can be read aloud."""

from __future__ import annotations

from typing import Any, NamedTuple

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
ATC_GERMAN = "http://fhir.de/CodeSystem/bfarm/atc"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10_GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
ICD_10_PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
ICD_O_3 = "http://terminology.hl7.org/CodeSystem/icd-o-3"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
HGNC = "http://www.genenames.org/geneId"
ISCN = "https://iscn.karger.com"
OPS = "http://fhir.de/CodeSystem/bfarm/ops"
CPT = "http://www.ama-assn.org/go/cpt"
UCUM = "http://unitsofmeasure.org"
FACTS = "urn:all-cds:facts"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
MII_COURSE = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-verlauf-gesamtbeurteilung"

# Extensions that carry the morphology beside the diagnosis.
MII_MORPHOLOGY = (
    "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/StructureDefinition/"
    "mii-ex-onko-histology-morphology-behavior-icdo3"
)
MCODE_MORPHOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"


class Code(NamedTuple):
    """A code of one system, with the words printed beside it."""

    system: str
    code: str
    display: str = ""

    def coding(self) -> dict[str, str]:
        """Return the code as a FHIR Coding."""
        found = {"system": self.system, "code": self.code, "display": self.display}
        return {name: text for name, text in found.items() if text}


def concept(*codes: Code, text: str = "") -> dict[str, Any]:
    """Return codes and words as one CodeableConcept."""
    made: dict[str, Any] = {"coding": [code.coding() for code in codes]} if codes else {}
    if text:
        made["text"] = text
    return made


# --- diseases -----------------------------------------------------------------------------------------------------------

ALL_ANY_LINEAGE = Code(SNOMED, "91857003", "Acute lymphoid leukemia, disease (disorder)")
B_ALL = Code(SNOMED, "277571004", "B-cell acute lymphoblastic leukemia (disorder)")
PRE_B_ALL = Code(SNOMED, "277572006", "Acute pre B-cell lymphoblastic leukemia")
COMMON_ALL = Code(SNOMED, "277573001", "Common acute lymphoblastic leukemia")
PH_POSITIVE_ALL = Code(SNOMED, "425688002", "Philadelphia chromosome-positive acute lymphoblastic leukemia (disorder)")
B_ALL_WITH_BCR_ABL1 = Code(SNOMED, "723889003", "B lymphoblastic leukemia lymphoma with t(9:22) (q34;q11.2); BCR-ABL 1")
B_ALL_WITH_KMT2A = Code(SNOMED, "838341005", "B lymphoblastic leukemia lymphoma with t(v;11q23); MLL rearranged")
T_ALL = Code(SNOMED, "277575008", "T-cell acute lymphoblastic leukemia")
AML = Code(SNOMED, "91861009", "Acute myeloid leukemia")
BURKITT = Code(SNOMED, "118617000", "Burkitt's lymphoma (disorder)")
ALL_IN_RELAPSE = Code(SNOMED, "12301000132103", "Acute lymphoid leukemia relapse (disorder)")
PRE_B_ALL_IN_REMISSION = Code(SNOMED, "425941003", "Pre B-cell acute lymphoblastic leukemia in remission")

CM_ALL = Code(ICD_10_CM, "C91.00", "Acute lymphoblastic leukemia not having achieved remission")
CM_ALL_IN_REMISSION = Code(ICD_10_CM, "C91.01", "Acute lymphoblastic leukemia, in remission")
CM_ALL_IN_RELAPSE = Code(ICD_10_CM, "C91.02", "Acute lymphoblastic leukemia, in relapse")
GM_ALL = Code(ICD_10_GM, "C91.00", "Akute lymphatische Leukämie [ALL]: Ohne Angabe einer kompletten Remission")
GM_BURKITT = Code(ICD_10_GM, "C91.80", "Reifzellige B-ALL vom Burkitt-Typ: Ohne Angabe einer kompletten Remission")

O3_B_ALL = Code(ICD_O_3, "9811/3", "B lymphoblastic leukemia/lymphoma, NOS")
O3_B_ALL_WITH_BCR_ABL1 = Code(ICD_O_3, "9812/3", "B lymphoblastic leukemia/lymphoma with t(9;22)(q34;q11.2); BCR-ABL1")
O3_BURKITT = Code(ICD_O_3, "9687/3", "Burkitt lymphoma, NOS")

# --- what is measured ---------------------------------------------------------------------------------------------------

WBC = Code(LOINC, "6690-2", "Leukocytes [#/volume] in Blood by Automated count")
WBC_SHORT = Code(LOINC, "26464-8", "WBC # Bld")
MARROW_BLASTS = Code(LOINC, "11150-0", "Blasts/100 cells in Bone marrow")
CD22_BLASTS_MARROW = Code(LOINC, "51124-6", "CD22 blasts/100 blasts in Bone marrow")
CD19_LYMPHOCYTES_BLOOD = Code(LOINC, "8117-4", "CD19 cells/100 cells in Blood")
IMMUNOPHENOTYPE = Code(LOINC, "101119-6", "Leuk and lymphma immnphntypng Spec")
BCR_ABL1_FISH = Code(LOINC, "51867-0", "t(9;22)(q34.1;q11)(ABL1,BCR) fusion transcript in Blood or Tissue by FISH")
BCR_ABL1_P190 = Code(LOINC, "52132-8", "t(9;22)(ABL1,BCR) e1a2 fusion transcript/control transcript [# Ratio]")
BCR_ABL1_P210 = Code(
    LOINC, "55147-3", "t(9;22)(ABL1,BCR) b2a2+b3a2 fusion transcript/control transcript [# Ratio] in Blood or Tissue"
)
KARYOTYPE = Code(LOINC, "81861-7", "Karyotype in Bone marrow")
VARIANT = Code(LOINC, "69548-6", "Genetic variant assessment")
GENE_STUDIED = Code(LOINC, "48018-6", "Gene studied ID")
CHANGE_TYPE = Code(LOINC, "48019-4", "DNA change type")
VARIANT_ISCN = Code(LOINC, "81291-7", "Variant ISCN")
GENOMIC_SOURCE = Code(LOINC, "48002-0", "Genomic source class")
GENETICS_REPORT = Code(LOINC, "51969-4", "Genetic analysis report")
CANCER_STATUS = Code(LOINC, "97509-4", "Cancer Disease Progression")
LEUKEMIA_FINDING = Code(NCIT, "C167435", "Leukemia Finding")
TUMOUR_REGRESSION = Code(SNOMED, "396432002", "Status of regression of tumor (observable entity)")
ECOG = Code(LOINC, "89247-1", "ECOG Performance Status score")

# --- answers ------------------------------------------------------------------------------------------------------------

POSITIVE = Code(SNOMED, "10828004", "Positive")
NEGATIVE = Code(SNOMED, "260385009", "Negative (qualifier value)")
DETECTED = Code(SNOMED, "260373001", "Detected")
LOINC_POSITIVE = Code(LOINC, "LA6576-8", "Positive")
LOINC_NEGATIVE = Code(LOINC, "LA6577-6", "Negative")
PRESENT = Code(LOINC, "LA9633-4", "Present")
ABSENT = Code(LOINC, "LA9634-2", "Absent")
SOMATIC = Code(LOINC, "LA6684-0", "Somatic")
STATED_POSITIVE = Code(FACTS, "positive")
POS = Code(INTERPRETATION, "POS", "Positive")
NEG = Code(INTERPRETATION, "NEG", "Negative")
FULL_REMISSION = Code(SNOMED, "550991000124107", "Malignant neoplasm in full remission (disorder)")
IN_FULL_REMISSION = Code(SNOMED, "103338009", "In full remission (qualifier value)")
MII_COMPLETE_REMISSION = Code(MII_COURSE, "V", "Vollremission (complete remission, CR)")
MII_RELAPSE = Code(MII_COURSE, "Y", "Rezidiv")
STANDARD_RISK = Code(NCIT, "C122457", "Standard Risk Acute Leukemia")
TRANSLOCATION = Code("http://www.sequenceontology.org", "SO:1000044", "chromosomal_translocation")
FISH_METHOD = Code(SNOMED, "426329006", "Fluorescence in situ hybridization")
BCR = Code(HGNC, "HGNC:1014", "BCR")
ABL1 = Code(HGNC, "HGNC:76", "ABL1")
ETV6 = Code(HGNC, "HGNC:3495", "ETV6")
RUNX1 = Code(HGNC, "HGNC:10471", "RUNX1")
MARROW = Code("http://terminology.hl7.org/CodeSystem/v2-0487", "MAR", "Marrow")

# --- treatments ---------------------------------------------------------------------------------------------------------

BLINATUMOMAB = Code(RXNORM, "1597258", "blinatumomab")
BREXUCABTAGENE = Code(RXNORM, "2387277", "brexucabtagene autoleucel")
IMATINIB = Code(RXNORM, "282388", "imatinib")
PONATINIB = Code(RXNORM, "1364347", "ponatinib")
DASATINIB_ATC = Code(ATC, "L01EA02", "dasatinib")
VINCRISTINE = Code(RXNORM, "11202", "vincristine")
PREDNISONE = Code(RXNORM, "8640", "predniSONE")
MERCAPTOPURINE = Code(RXNORM, "103", "mercaptopurine")
MERCAPTOPURINE_ATC = Code(ATC, "L01BB02", "mercaptopurine")
METHOTREXATE = Code(RXNORM, "6851", "methotrexate")
RITUXIMAB = Code(RXNORM, "121191", "rituximab")
VINCRISTINE_GERMAN = Code(ATC_GERMAN, "L01CA02", "Vincristin")
DEXAMETHASONE_GERMAN = Code(ATC_GERMAN, "H02AB02", "Dexamethason")
UNRELATED_TRANSPLANT = Code(SNOMED, "234335003", "Allogeneic unrelated bone marrow transplant (procedure)")
CPT_ALLOGENEIC_TRANSPLANT = Code(CPT, "38240", "Hematopoietic progenitor cell (HPC); allogeneic transplantation per donor")
PCS_UNRELATED_TRANSPLANT = Code(
    ICD_10_PCS,
    "30243Y3",
    "Transfusion of Allogeneic Unrelated Hematopoietic Stem Cells into Central Vein, Percutaneous Approach",
)
PCS_BREXUCABTAGENE_INFUSION = Code(ICD_10_PCS, "XW033M7", "Brexucabtagene autoleucel, peripheral vein")
OPS_CHEMOTHERAPY = Code(OPS, "8-54")
