import API

/// What a word or phrase says of the value behind it.
enum Label: UInt8, Sendable {
    /// Of a person, where a separator follows: "Patient: ...".
    case name
    /// A title or a relative: "Dr. ...", "daughter ...".
    case title
    /// "name" by itself: of a person in a form, of anything elsewhere.
    case bareName
    case address
    /// "lives in ...".
    case place
    case zip
    case date
    /// "on", "since": a month and a day may follow.
    case dateWord
    case age
    case phone
    case fax
    case email
    case ssn
    case medicalRecord
    case healthPlan
    case account
    case license
    case vehicle
    case plate
    case device
    case url
    case ipAddress
    case biometric
    case photo
    case other
    /// Numbers of things: orders, versions.
    case thing
    /// A person, to whom a bare name within belongs.
    case person

    /// `nil` where nothing is masked for it.
    var kind: IdentifierKind? {
        switch self {
        case .name, .title, .bareName: .name
        case .address, .place, .zip: .address
        case .date, .dateWord, .age: .date
        case .phone: .phone
        case .fax: .fax
        case .email: .email
        case .ssn: .ssn
        case .medicalRecord: .medicalRecordNumber
        case .healthPlan: .healthPlanNumber
        case .account: .accountNumber
        case .license: .license
        case .vehicle, .plate: .vehicle
        case .device: .device
        case .url: .url
        case .ipAddress: .ipAddress
        case .biometric: .biometric
        case .photo: .photo
        case .other: .other
        case .thing, .person: nil
        }
    }

    /// A code of letters and digits follows.
    var isOfCode: Bool {
        switch self {
        case .ssn, .medicalRecord, .healthPlan, .account, .license, .vehicle, .plate, .device, .biometric,
            .photo, .other:
            true
        case .name, .title, .bareName, .address, .place, .zip, .date, .dateWord, .age, .phone, .fax, .email,
            .url, .ipAddress, .thing, .person:
            false
        }
    }

    /// The phrases that are this label. "number" stands for "no", "nr", "num", "#" too, "id" for "identifier".
    static let vocabulary: [(label: Label, phrases: [String])] = [
        (
            .name,
            [
                "patient", "patients", "pt", "patient name", "pt name", "full name", "first name",
                "last name",
                "middle name", "given name", "family name", "maiden name", "preferred name", "legal name",
                "birth name", "surname", "forename", "nickname", "contact name", "person name", "client name",
                "emergency contact", "next of kin", "guarantor", "provider", "provider name",
                "physician", "referring physician", "primary care physician",
                "pcp", "author",
                "contact",
                "resident", "mother name", "father name", "spouse name", "guardian name", "subscriber name",
                "member name", "policy holder", "insured name", "insured", "caregiver", "fname", "lname",
                "employee name", "user name",
            ]
        ),
        (
            .title,
            [
                "dr", "mr", "mrs", "ms", "miss", "mx", "prof", "professor", "doctor", "daughter", "son",
                "wife",
                "husband", "spouse", "mother", "father", "sister", "brother", "aunt", "uncle", "niece",
                "nephew", "grandson", "granddaughter", "grandmother", "grandfather", "partner", "friend",
                "neighbor", "guardian", "attention", "attn", "dear", "named", "attending",
                "attending physician",
                "surgeon", "nurse", "dictated by", "signed by", "electronically signed by", "reviewed by",
                "cosigned by", "transcribed by", "ordered by", "seen by", "referred by", "cc",
            ]
        ),
        (.bareName, ["name"]),
        (
            .address,
            [
                "address", "addr", "home address", "street address", "mailing address", "street", "residence",
                "address line", "city", "town", "county", "birth place", "place of birth", "precinct",
            ]
        ),
        (.place, ["lives in", "lives at", "resides in", "resides at", "resident of", "moved to", "born in"]),
        (
            .zip,
            [
                "zip", "zip code", "zipcode", "postal code", "postcode", "post code", "latitude", "longitude",
                "lat", "lon", "lng",
            ]
        ),
        (
            .date,
            [
                "dob", "d o b", "date of birth", "birth date", "birthdate", "birthday", "born", "born on",
                "dod",
                "date of death", "death date", "deceased", "expired on", "admission date", "admit date",
                "date of admission", "admitted", "admitted on", "discharge date", "date of discharge",
                "discharged", "discharged on", "date of service", "dos", "service date", "date", "visit date",
                "encounter date", "collected", "collected on", "procedure date", "surgery date",
                "appointment",
            ]
        ),
        (.dateWord, ["on", "since", "until", "from", "through", "dated", "by", "before", "after", "seen"]),
        (.age, ["age", "aged", "ages"]),
        (
            .phone,
            [
                "phone", "phone number", "telephone", "telephone number", "tel", "tel number", "mobile",
                "mobile number", "cell", "cell number", "cell phone", "home phone", "work phone", "ph",
                "contact number", "call", "call back", "callback", "call back number", "callback number",
                "pager", "beeper", "reach", "reached", "msisdn", "whatsapp", "voicemail", "ph number",
            ]
        ),
        (.fax, ["fax", "fax number", "faxed to", "faxed", "telefax", "facsimile", "facsimile number"]),
        (.email, ["email", "e mail", "email address", "mail"]),
        (
            .ssn,
            [
                "ssn", "ss number", "ss", "social security", "social security number", "soc sec",
                "soc sec number", "social", "itin", "ssn itin", "social insurance", "social insurance number",
            ]
        ),
        (
            .medicalRecord,
            [
                "mrn", "mrn number", "mr number", "medical record", "medical record number", "med rec",
                "med rec number", "chart", "chart number", "record number", "patient number",
                "hospital number", "unit number", "pt number", "medical number", "clinic number",
            ]
        ),
        (
            .healthPlan,
            [
                "health plan", "health plan id", "health plan number", "member id", "member number", "member",
                "subscriber id", "subscriber number", "subscriber", "policy number", "policy id",
                "insurance id",
                "insurance number", "group number", "beneficiary", "beneficiary number", "beneficiary id",
                "medicare", "medicare number", "medicare id", "medicare beneficiary id", "medicaid",
                "medicaid number", "medicaid id", "mbi", "hicn", "plan id", "plan number", "health insurance",
                "insurance policy", "insurance policy number",
            ]
        ),
        (
            .account,
            [
                "account", "account number", "account id", "acct", "acct number", "a c number",
                "patient account number", "billing account", "iban", "card", "card number", "credit card",
                "credit card number", "debit card", "cc number", "routing number", "aba", "bank account",
                "bank account number", "visit number", "encounter number", "encounter id", "csn", "visa",
                "mastercard", "amex", "discover card", "payment card", "swift", "sort code",
                "bank account iban",
            ]
        ),
        (
            .license,
            [
                "license", "licence", "license number", "licence number", "driver license",
                "driver license number", "drivers license", "driver s license", "driver s license number",
                "drivers license number", "dl", "dl number", "certificate", "certificate number", "passport",
                "passport number", "dea", "dea number", "npi", "npi number", "provider npi", "state license",
                "medical license", "certification number", "registration number",
                "board certification number",
            ]
        ),
        (.vehicle, ["vin", "vin number", "vehicle id", "vehicle identification number", "vehicle number"]),
        (
            .plate,
            [
                "license plate", "license plate number", "licence plate", "plate", "plate number",
                "vehicle plate", "tag number", "number plate", "license tag",
            ]
        ),
        (
            .device,
            [
                "serial", "serial number", "device", "device id", "device serial", "device serial number",
                "s n",
                "sn", "device number", "imei", "imei number", "imsi", "udi", "implant udi", "mac",
                "mac address", "phone imei", "pacemaker serial number", "device uid", "model serial",
                "equipment id", "asset tag", "implant serial", "iccid", "meid", "serial id", "device udi",
            ]
        ),
        (.url, ["url", "uri", "website", "web site", "homepage", "home page", "portal", "patient portal"]),
        (
            .ipAddress,
            ["ip", "ip address", "client ip", "ipv4", "ipv6", "host ip", "logged in from", "ip addr"]
        ),
        (
            .biometric,
            [
                "biometric", "biometric id", "fingerprint", "fingerprint id", "finger print",
                "finger print id", "voice print", "voice print id", "voiceprint", "voiceprint id",
                "retina scan", "retina scan id", "retinal scan", "iris scan", "iris scan id", "face print",
                "faceprint", "dna profile", "dna profile id", "genome id", "palm print", "iris id",
                "retina id",
            ]
        ),
        (
            .photo,
            [
                "photo", "photograph", "picture", "portrait", "headshot", "selfie", "avatar", "face image",
                "patient photo", "photo id", "profile picture", "facial image", "full face",
            ]
        ),
        (
            .other,
            [
                "study id", "subject id", "subject number", "participant id", "patient id", "person id",
                "national id", "national number", "tax id", "taxpayer id", "nhs number", "donor id",
                "specimen donor id", "accession number", "aadhaar", "curp", "cpf", "employee id",
                "employee number", "student id", "identifier id", "unique id", "enrollee id", "case number",
                "screening number", "participant number", "barcode", "id number", "client id",
            ]
        ),
        (
            .thing,
            [
                "order", "order number", "order id", "version", "ver", "release", "build", "firmware", "lot",
                "lot number", "invoice", "room", "ndc", "cpt", "icd", "loinc", "snomed", "snomed ct", "pmid",
                "doi", "commit", "sku", "ticket", "tracking", "item", "v", "software version", "app version",
                "order status", "use", "type", "system", "status", "unit", "code", "price cents", "price",
                "quantity", "build number", "trial", "country", "state", "ref", "hcpcs", "model", "glucose",
            ]
        ),
        (
            .person,
            [
                "contacts", "employee", "user", "customer", "client", "parent", "members", "relative",
                "practitioner", "doctors", "nurses", "people",
            ]
        ),
    ]

    /// Words that mean the same in phrases.
    static let synonyms: [String: String] = [
        "no": "number", "nr": "number", "num": "number", "nbr": "number", "nos": "number",
        "numbers": "number",
        "#": "number", "identifier": "id", "ids": "id", "identification": "id", "licence": "license",
        "emails": "email", "phones": "phone", "addresses": "address",
    ]

    /// Words that may stand between a label and its value.
    static let fillers: Set<String> = [
        "is", "was", "of", "the", "number", "id", "are", "ending", "in", "last", "four", "digits", "at", "to",
        "as", "new", "old", "reads", "listed", "given", "current", "home", "work", "primary", "and", "for",
        "or",
        "value", "text", "patient", "a", "with", "has", "been",
    ]
}
