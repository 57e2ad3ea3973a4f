import API
import Testing

@testable import Policy

struct CompilationTests {
    @Test(arguments: [
        ("*", "", true), ("*", "anything", true), ("a", "a", true), ("a", "A", false), ("a*", "a", true),
        ("*a", "ba", true), ("*a", "ab", false), ("a*b*c", "aXbYc", true), ("a*b*c", "abcb", false),
        ("*ab*ab*", "abab", true), ("*ab*ab*", "aba", false), ("a.*", "a.b", true), ("a?", "ab", false),
        ("**", "x", true), ("", "", true), ("", "a", false), ("é*", "éa", true),
    ])
    func `a star stands for any characters`(pattern: String, name: String, matches: Bool) {
        #expect(Glob(pattern).matches(name) == matches)
    }

    @Test func `many stars do not take long`() {
        let pattern = Glob(String(repeating: "*a", count: 500) + "*b")
        #expect(!pattern.matches(String(repeating: "a", count: 4000)))
    }

    @Test(arguments: [
        ("ssn", IdentifierKind.ssn), ("patient_ssn", .ssn), ("SSN_last4", .ssn), ("social_security_no", .ssn),
        ("firstName", .name), ("last_name", .name), ("LASTNAME", .name), ("maiden-name", .name),
        ("dob", .date), ("birth_date", .date), ("dateOfBirth", .date), ("date_of_birth", .date),
        ("phone2", .phone), ("home_phone", .phone), ("phones", .phone), ("fax", .fax),
        ("emailAddress", .email),
        ("street", .address), ("zip", .address), ("zip5", .address), ("addresses", .address),
        ("city", .address),
        ("mrn", .medicalRecordNumber), ("MRNumber_mrn", .medicalRecordNumber),
        ("medical_record_number", .medicalRecordNumber), ("member_id", .healthPlanNumber),
        ("beneficiary_no", .healthPlanNumber), ("account_number", .accountNumber), ("license_no", .license),
        ("vin", .vehicle), ("license_plate", .vehicle), ("device_serial", .device), ("url", .url),
        ("ip", .ipAddress), ("client_ip_address", .ipAddress), ("IPv4", .ipAddress),
        ("fingerprint", .biometric),
        ("photo", .photo),
    ])
    func `a column's name tells of an identifier`(column: String, kind: IdentifierKind) {
        #expect(kind.isDenoted(by: column), "\(IdentifierKind.denoted(by: column))")
    }

    @Test(arguments: [
        "id", "visit_id", "patient_id", "status", "note", "notes", "name", "drug_name", "ward", "created_at",
        "description", "zipper", "shipping_cost", "telemetry", "faxed", "postal", "dosage", "date",
        "visit_date",
        "birth_weight", "cell_count", "reason", "quantity", "amount", "version", "account_id", "mailed",
        "recipe",
        "diagnosis_code", "url_count_total_x".replacing("url_", with: "hurl_"), "",
    ])
    func `an ordinary name tells of none`(column: String) {
        #expect(IdentifierKind.denoted(by: column).isEmpty, "\(IdentifierKind.denoted(by: column))")
    }

    @Test func `a policy binds the connections it targets`() {
        let connection = ObjectMetadata(name: "clinic", namespace: "apps", labels: ["tier": "gold"])
        func binds(_ targets: PolicyTargets, from namespace: String, labels: [String: String]? = nil) -> Bool
        {
            targets.bind(connection, policyNamespace: namespace, namespaceLabels: labels)
        }
        #expect(binds(PolicyTargets(connectionNames: ["clinic"]), from: "apps"))
        #expect(!binds(PolicyTargets(connectionNames: ["clinic"]), from: "other"))
        #expect(!binds(PolicyTargets(connectionNames: ["lab"]), from: "apps"))
        #expect(binds(PolicyTargets(connectionSelector: LabelSelector()), from: "apps"))
        #expect(
            !binds(
                PolicyTargets(connectionSelector: LabelSelector(matchLabels: ["tier": "iron"])), from: "apps")
        )
        let byName = { (name: String) in
            PolicyTargets(
                connectionSelector: LabelSelector(),
                namespaceSelector: LabelSelector(matchLabels: ["kubernetes.io/metadata.name": name]))
        }
        #expect(binds(byName("apps"), from: "weir-system"))
        #expect(!binds(byName("other"), from: "weir-system"))
        let byLabel = PolicyTargets(
            connectionSelector: LabelSelector(),
            namespaceSelector: LabelSelector(matchLabels: ["phi": "true"]))
        #expect(binds(byLabel, from: "weir-system"), "labels that are not known count as met")
        #expect(binds(byLabel, from: "weir-system", labels: ["phi": "true"]))
        #expect(!binds(byLabel, from: "weir-system", labels: [:]))
    }

    @Test(arguments: [
        ("Mon-Fri 09:00-17:00 UTC", 1_767_182_400 as Int64, true),  // Wednesday 12:00
        ("Thu 09:00-17:00 UTC", 0, false), ("Thu 00:00-24:00 UTC", 0, true),
        ("Wed 00:00-24:00 UTC", -1, true),
        ("Wed 14:00-15:00 UTC+02:00", 1_767_182_400, true),
        ("Wed 12:00-13:00 UTC+02:00", 1_767_182_400, false),
        ("Tue 22:00-13:00 UTC", 1_767_182_400, true), ("Wed 22:00-13:00 UTC", 1_767_182_400, false),
        ("Sat-Wed 11:59-12:01 UTC", 1_767_182_400, true), ("Wed 07:00-08:00 UTC-05:00", 1_767_182_400, true),
    ])
    func `a window holds the moments in it`(text: String, now: Int64, holds: Bool) throws {
        #expect(try TimeWindow(text).contains(now) == holds)
    }
}
