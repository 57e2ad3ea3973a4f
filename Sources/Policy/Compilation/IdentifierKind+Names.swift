package import API

extension IdentifierKind {
    /// Whether a column's name says that it holds this identifier.
    ///
    /// Names are compared word by word, split at `_`, `-`, spaces and capitals: `patient_first_name` and
    /// `patientFirstName` hold a name, `name` of itself does not, as tables of drugs and rooms have names too.
    package func isDenoted(by column: String) -> Bool {
        let words = Self.words(of: column)
        return words.indices.contains { start in
            var joined = ""
            return words[start...].prefix(Self.longestPhrase).contains { word in
                joined += word
                return isTerm(joined)
            }
        }
    }

    /// The kinds a column's name tells of.
    package static func denoted(by column: String) -> [IdentifierKind] {
        allCases.filter { $0.isDenoted(by: column) }
    }

    /// The term itself or its plural.
    private func isTerm(_ text: String) -> Bool {
        let terms = Self.terms[self] ?? []
        return terms.contains(text) || (text.hasSuffix("s") && terms.contains(String(text.dropLast())))
            || (text.hasSuffix("es") && terms.contains(String(text.dropLast(2))))
    }

    /// In words.
    private static let longestPhrase = 4

    /// The vocabulary without spaces: words may be written together or apart (`firstname`, `first_name`).
    private static let terms = vocabulary.mapValues { phrases in
        Set(phrases.map { $0.filter { $0 != " " } })
    }

    private static let vocabulary: [IdentifierKind: [String]] = [
        .name: [
            "first name", "last name", "middle name", "full name", "given name", "family name", "maiden name",
            "birth name", "surname", "forename", "nickname", "patient name", "person name", "contact name",
            "legal name", "preferred name", "mother name", "father name", "spouse name", "guardian name",
            "emergency contact", "next of kin", "fname", "lname",
        ],
        .address: [
            "address", "addr", "street", "zip", "zipcode", "postcode", "postal code", "post code", "city",
            "county", "precinct", "apartment", "birth place", "place of birth", "latitude", "longitude",
            "lat",
            "lon", "lng", "geocode", "geolocation",
        ],
        .date: [
            "dob", "dod", "birth date", "birth day", "birth time", "date of birth", "born", "death date",
            "date of death", "died", "deceased on", "deceased at", "admission date", "admit date",
            "date of admission", "admitted on", "admitted at", "discharge date", "date of discharge",
            "discharged on", "discharged at",
        ],
        .phone: ["phone", "telephone", "mobile", "cell number", "tel", "msisdn", "cell phone"],
        .fax: ["fax", "telefax"],
        .email: ["email", "e mail", "mail"],
        .ssn: ["ssn", "social security", "social insurance", "itin"],
        .medicalRecordNumber: [
            "mrn", "medical record", "chart number", "chart no", "record number", "patient number",
            "patient no",
        ],
        .healthPlanNumber: [
            "health plan", "beneficiary", "member id", "member number", "member no", "subscriber id",
            "subscriber number", "policy number", "policy no", "insurance number", "insurance no",
            "insurance id", "group number", "medicare", "medicaid", "mbi", "hicn",
        ],
        .accountNumber: [
            "account number", "account no", "account num", "acct", "iban", "card number", "credit card",
            "routing number", "bank account",
        ],
        .license: [
            "license", "licence", "certificate number", "certificate no", "passport", "dea number", "npi",
        ],
        .vehicle: ["vin", "license plate", "plate number", "plate no", "vehicle serial", "vehicle id"],
        .device: [
            "device id", "device uid", "serial", "serial number", "serial no", "udi", "imei", "imsi", "mac",
        ],
        .url: ["url", "uri", "website", "web site", "homepage", "home page"],
        .ipAddress: ["ip", "ipv", "ipaddr"],
        .biometric: [
            "biometric", "finger print", "voice print", "face print", "retina scan", "retinal scan",
            "iris scan",
            "dna", "genome",
        ],
        .photo: ["photo", "photograph", "picture", "portrait", "selfie", "headshot", "face image", "avatar"],
        .other: ["national id", "tax id", "taxpayer", "nhs number", "aadhaar", "curp", "cpf"],
    ]

    /// Lower-case words without the digits at their ends: `Phone2`, `HOME_PHONE` and `homePhone` all say phone.
    private static func words(of name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var previous: Character?
        let characters = Array(name)
        for (index, character) in characters.enumerated() {
            let isBoundary = !character.isLetter && !character.isNumber
            let startsWord =
                character.isUppercase
                && (previous?.isLowercase == true || previous?.isNumber == true
                    || (previous?.isUppercase == true && index + 1 < characters.count
                        && characters[index + 1].isLowercase))
            if isBoundary || startsWord {
                words.append(word)
                word = ""
            }
            if !isBoundary { word += character.lowercased() }
            previous = character
        }
        words.append(word)
        return words.map { word in String(word.reversed().drop { $0.isNumber }.reversed()) }
            .filter { !$0.isEmpty }
    }
}
