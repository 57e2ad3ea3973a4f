"""A labelled corpus of clinical notes, forms, JSON documents and CSV tables, made from a seed.

Identifiers are drawn by `identifiers`, everything around them here; sentences without any come from `negatives`.
"""

import dataclasses
import json

import negatives
from identifiers import SPACES, Identifiers


@dataclasses.dataclass
class Document:
    """A text and where its identifiers are: (start, end, kind), in characters."""

    form: str
    text: str = ""
    spans: list = dataclasses.field(default_factory=list)

    def add(self, *pieces):
        """Appends texts, and identifiers given as (kind, text)."""
        for piece in pieces:
            if isinstance(piece, tuple):
                kind, value = piece
                self.spans.append((len(self.text), len(self.text) + len(value), kind))
                self.text += value
            else:
                self.text += piece
        return self


def facts(ids, unusual):
    """(labels, kind, value) for every kind: the labels under which forms and notes give it."""
    return [
        (
            ["Patient", "Patient Name", "Name", "Pt Name", "PATIENT NAME", "Emergency contact", "Guarantor"],
            "Name",
            ids.full_name(),
        ),
        (
            [
                "DOB",
                "D.O.B.",
                "Date of Birth",
                "Birth date",
                "Admission Date",
                "Date of service",
                "Discharge date",
                "Date",
            ],
            "Date",
            ids.date(unusual),
        ),
        (["Address", "Home address", "Street address", "Mailing Address"], "Address", ids.street()),
        (
            ["Phone", "Tel", "Telephone", "Cell phone", "Home phone", "Mobile", "Ph", "Contact number"],
            "Phone",
            ids.phone(unusual),
        ),
        (["Fax", "Fax no.", "Fax number", "FAX"], "Fax", ids.phone(unusual)),
        (["Email", "E-mail", "Email address", "e-mail"], "Email", ids.email(unusual)),
        (
            ["SSN", "SS#", "Social Security Number", "Social Security No.", "Soc Sec #", "SSN/ITIN"],
            "SSN",
            ids.pick(ids.ssn(unusual), ids.ssn().replace("-", "")),
        ),
        (
            [
                "MRN",
                "Medical Record Number",
                "Med Rec #",
                "MRN#",
                "Medical record no.",
                "Chart #",
                "Chart number",
                "Hospital no.",
            ],
            "MRN",
            ids.mrn(),
        ),
        (
            [
                "Member ID",
                "Health plan ID",
                "Subscriber ID",
                "Policy number",
                "Insurance ID",
                "Beneficiary number",
                "Member #",
            ],
            "HealthPlan",
            ids.member_id(),
        ),
        (["Medicare number", "MBI", "Medicare ID", "Medicare beneficiary identifier"], "HealthPlan", ids.mbi()),
        (
            ["Account number", "Acct no.", "Account #", "Acct #", "Patient account number", "Billing account"],
            "Account",
            ids.account(),
        ),
        (["Card number", "Credit card", "Card", "CC#"], "Account", ids.card(unusual)),
        (["IBAN", "Bank account (IBAN)"], "Account", ids.iban()),
        (["NPI", "NPI number", "Provider NPI"], "License", ids.npi()),
        (["DEA", "DEA number", "DEA #"], "License", ids.dea()),
        (
            [
                "Driver's license",
                "DL#",
                "Driver license no.",
                "License number",
                "DL",
                "Certificate number",
                "License #",
            ],
            "License",
            ids.license(),
        ),
        (["VIN", "Vehicle identification number", "VIN #"], "Vehicle", ids.vin()),
        (["License plate", "Plate number", "Vehicle plate", "Plate #"], "Vehicle", ids.plate()),
        (
            ["Serial number", "Device serial", "S/N", "Device ID", "Pacemaker serial number", "Serial no."],
            "Device",
            ids.serial(),
        ),
        (["IMEI", "Phone IMEI"], "Device", ids.imei()),
        (["UDI", "Implant UDI"], "Device", ids.udi()),
        (["MAC address", "MAC"], "Device", ids.mac()),
        (["URL", "Website", "Portal", "Patient portal"], "URL", ids.url()),
        (["IP address", "IP", "Client IP", "Logged in from"], "IPAddress", ids.ip()),
        (["Fingerprint ID", "Biometric ID", "Voice print ID", "Retina scan ID"], "Biometric", ids.biometric()),
        (["Photo", "Photograph", "Face image", "Patient photo"], "Photo", ids.photo()),
        (["Study ID", "Subject ID", "Patient identifier", "National ID", "Specimen donor ID"], "Other", ids.other()),
    ]


def note(ids, unusual):
    """Prose as clinicians dictate it."""
    doc, pick, r = Document("note"), ids.pick, ids.random
    space = r.choice(SPACES) if unusual else " "
    title = pick("Dr.", "Dr", "Mr.", "Mrs.", "Ms.")
    sentences = [
        ["Pt ", ("Name", ids.full_name()), " seen on ", ("Date", ids.date(unusual)), " for follow-up."],
        [
            ("Name", ids.full_name()),
            " is a ",
            ("Date", ids.old_age()),
            "-year-old ",
            pick("man", "woman"),
            " admitted with pneumonia.",
        ],
        ["The patient, age ", ("Date", ids.old_age()), ", lives alone."],
        [
            ("Date", ids.old_age()),
            pick(" y/o ", " yo ", " year old ", " yr old "),
            pick("male", "female"),
            " with falls.",
        ],
        ["Referred by ", title, space, ("Name", ids.fake.last_name()), " at ", ("Phone", ids.phone(unusual)), "."],
        [
            "Call back",
            pick(" at ", ": ", " number "),
            ("Phone", ids.phone(unusual)),
            " or write to ",
            ("Email", ids.email(unusual)),
            ".",
        ],
        ["Records were faxed to ", ("Fax", ids.phone(unusual)), " on ", ("Date", ids.date(unusual)), "."],
        ["Fax ", ("Fax", ids.phone(unusual)), ", attention ", title, " ", ("Name", ids.fake.last_name()), "."],
        ["She lives at ", ("Address", ids.street() + ", " + ids.city_line()), "."],
        ["He moved to ", ("Address", ids.city_line()), " last year."],
        ["SSN", space, ("SSN", ids.ssn(unusual)), " was verified with the registrar."],
        ["Identity confirmed by social security number ", ("SSN", ids.ssn(unusual)), "."],
        ["The number ", ("SSN", ids.ssn(unusual)), " appeared in the old chart."],
        ["Chart reviewed (MRN", pick(" ", ": ", "# ", " #", "="), ("MRN", ids.mrn()), ")."],
        ["Medical", pick(" ", "\n") if unusual else " ", "record number ", ("MRN", ids.mrn()), " merged."],
        ["Her Medicare number is ", ("HealthPlan", ids.mbi()), " and was active."],
        ["Insured under member ID ", ("HealthPlan", ids.member_id()), "."],
        ["Copay charged to card ", ("Account", ids.card(unusual)), "."],
        ["Payment by ", ("Account", ids.card(unusual)), " was declined."],
        ["Refund to IBAN ", ("Account", ids.iban()), " pending."],
        ["Billed to account ", pick("number ", "no. ", "# ", ""), ("Account", ids.account()), "."],
        ["Prescriber DEA ", ("License", ids.dea()), ", NPI ", ("License", ids.npi()), "."],
        ["Driver's license ", ("License", ids.license()), " copied."],
        ["Struck by a car, VIN ", ("Vehicle", ids.vin()), ", license plate ", ("Vehicle", ids.plate()), "."],
        ["Pacemaker serial number ", ("Device", ids.serial()), " interrogated."],
        ["Implant UDI ", ("Device", ids.udi()), " logged."],
        ["Monitor MAC ", ("Device", ids.mac()), " paired with phone IMEI ", ("Device", ids.imei()), "."],
        ["Results at ", ("URL", ids.url()), " were viewed from ", ("IPAddress", ids.ip()), "."],
        ["Enrolled by fingerprint ID ", ("Biometric", ids.biometric()), "."],
        ["Wound photo ", ("Photo", ids.photo()), " attached."],
        ["Subject ID ", ("Other", ids.other()), " randomized to arm B."],
        ["Daughter ", ("Name", ids.first_name()), " was called."],
        [("Name", ids.first_name()), " reports less pain since ", ("Date", ids.date(unusual)), "."],
        ["Last colonoscopy ", ("Date", ids.date(unusual)), ", next due in 10 years."],
        [
            "Electronically signed by ",
            ("Name", ids.fake.first_name() + " " + ids.fake.last_name()),
            ", MD on ",
            ("Date", ids.date()),
            ".",
        ],
    ]
    for index in range(r.randint(4, 9)):
        if r.random() < 0.45:
            doc.add(*r.choice(sentences))
        else:
            doc.add(negatives.sentence(ids))
        doc.add(r.choice([" ", " ", "\n", "\n\n"]))
    return doc


def form(ids, unusual):
    """Labels and values, line by line."""
    doc, r = Document("form"), ids.random
    doc.add(r.choice(["REGISTRATION FORM\n", "FACE SHEET\n\n", "DISCHARGE SUMMARY\n", ""]))
    for labels, kind, value in r.sample(facts(ids, unusual), r.randint(4, 9)):
        label = r.choice(labels)
        if unusual and " " in label and r.random() < 0.5:
            label = label.replace(" ", r.choice(["\n", "  ", "\u00a0", "_"]), 1)
        doc.add(
            label,
            r.choice([": ", ":\t", ":", " = ", ":  ", " - ", ":\n"] if not label.endswith("#") else [" ", ": ", ""]),
            (kind, value),
            "\n",
        )
        if kind == "Address" and r.random() < 0.6:
            doc.add(("Address", ids.city_line()), "\n")
        if r.random() < 0.3:
            doc.add(negatives.sentence(ids), "\n")
    return doc


KEYS = {
    "Name": ["patientName", "full_name", "contact_name"],
    "Date": ["birthDate", "dob", "admission_date"],
    "Address": ["address", "street_address", "addressLine1"],
    "Phone": ["phone", "homePhone", "phone_number"],
    "Fax": ["fax", "faxNumber"],
    "Email": ["email", "emailAddress"],
    "SSN": ["ssn", "socialSecurityNumber", "patient_ssn"],
    "MRN": ["mrn", "medicalRecordNumber", "medical_record_number"],
    "HealthPlan": ["memberId", "subscriber_id", "healthPlanNumber"],
    "Account": ["accountNumber", "acct_no", "account_number"],
    "License": ["licenseNumber", "driver_license", "npi"],
    "Vehicle": ["vin", "licensePlate", "plate_number"],
    "Device": ["serialNumber", "device_id", "deviceSerial"],
    "URL": ["website", "profileUrl"],
    "IPAddress": ["ipAddress", "client_ip"],
    "Biometric": ["fingerprintId", "voice_print"],
    "Photo": ["photo", "faceImage"],
    "Other": ["nationalId", "patient_identifier"],
}


def escaped(ids, text, unusual):
    """The JSON form of `text`, in which any character may be written by its number."""
    return "".join(
        f"\\u{ord(c):04x}" if ord(c) < 0x10000 and (unusual and ids.random.random() < 0.3) else json.dumps(c)[1:-1]
        for c in text
    )


def json_document(ids, unusual):
    doc, r = Document("json"), ids.random

    def member(first, key, *value):
        doc.add("" if first else r.choice([",", ", ", ",\n  "]), json.dumps(key), r.choice([":", ": "]), *value)

    doc.add("{")
    first = True
    for _, kind, value in r.sample(facts(ids, unusual), r.randint(3, 7)):
        numeric = value.isdigit() and value[0] != "0" and r.random() < 0.5
        member(
            first,
            r.choice(KEYS[kind]),
            *([(kind, value)] if numeric else ['"', (kind, escaped(ids, value, unusual)), '"']),
        )
        first = False
        if r.random() < 0.5:
            for key, number in negatives.numbers(ids).items():
                member(False, key, json.dumps(number))
    if r.random() < 0.7:
        inner = note(ids, unusual)
        member(first, r.choice(["note", "comment", "text"]), '"')
        start = 0
        for begin, end, kind in inner.spans:
            doc.add(escaped(ids, inner.text[start:begin], False), (kind, escaped(ids, inner.text[begin:end], unusual)))
            start = end
        doc.add(escaped(ids, inner.text[start:], False), '"')
    doc.add("}")
    return doc


def csv_table(ids, unusual):
    doc, r = Document("csv"), ids.random
    delimiter = r.choice([",", ",", ";", "\t"])
    kinds = [index for index in range(len(facts(ids, False)))]
    chosen = r.sample(kinds, r.randint(2, 5))
    headers = [r.choice(KEYS[facts(ids, False)[index][1]]) for index in chosen]
    other = list(negatives.numbers(ids))
    doc.add(delimiter.join(headers + other), "\n")
    for _ in range(r.randint(2, 6)):
        row = facts(ids, unusual)
        for position, index in enumerate(chosen):
            _, kind, value = row[index]
            value = value.replace("\n", " ")
            quoted = delimiter in value or '"' in value
            doc.add(delimiter if position else "", '"' if quoted else "", (kind, value), '"' if quoted else "")
        doc.add("".join(delimiter + str(r.randint(1, 500)) for _ in other), "\n")
    return doc


def corpus(seed, count):
    """`count` documents; a third of them spelled unusually."""
    ids = Identifiers(seed)
    makers = [note, note, form, json_document, csv_table]
    return [makers[index % len(makers)](ids, ids.random.random() < 0.33) for index in range(count)]
