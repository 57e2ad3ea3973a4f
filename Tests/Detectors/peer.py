"""Presidio's recognizers over documents: JSON texts on standard input, spans on standard output.

Run by the Python of an environment that has presidio-analyzer. No language model is used: the one it would load is not
on the package index, so names and places are left to its patterns.
"""

import json
import sys

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from spacy.language import Language

KINDS = {
    "PERSON": "Name",
    "LOCATION": "Address",
    "DATE_TIME": "Date",
    "PHONE_NUMBER": "Phone",
    "EMAIL_ADDRESS": "Email",
    "US_SSN": "SSN",
    "US_ITIN": "SSN",
    "CREDIT_CARD": "Account",
    "IBAN_CODE": "Account",
    "US_BANK_NUMBER": "Account",
    "US_DRIVER_LICENSE": "License",
    "US_PASSPORT": "License",
    "MEDICAL_LICENSE": "License",
    "US_NPI": "License",
    "US_MBI": "HealthPlan",
    "URL": "URL",
    "IP_ADDRESS": "IPAddress",
    "MAC_ADDRESS": "Device",
}


@Language.component("own_forms")
def own_forms(doc):
    """Words are their own lemmas, so that words beside a value raise its score."""
    for token in doc:
        token.lemma_ = token.lower_
    return doc


class WithoutModel(SpacyNlpEngine):
    def __init__(self):
        super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
        blank = spacy.blank("en")
        blank.add_pipe("own_forms")
        self.nlp = {"en": blank}

    def load(self):
        pass


def main():
    threshold = float(sys.argv[1])
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=WithoutModel(), supported_languages=["en"])
    result = []
    for text in json.load(sys.stdin):
        found = engine.analyze(text=text, language="en", score_threshold=threshold)
        result.append(
            [(entity.start, entity.end, KINDS[entity.entity_type]) for entity in found if entity.entity_type in KINDS]
        )
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
