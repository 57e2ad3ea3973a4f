/// The identifiers that 45 CFR 164.514(b)(2)(i) removes from health information ("Safe Harbor"), (A) to (R).
package enum IdentifierKind: String, Sendable, CaseIterable {
    /// (A)
    case name = "Name"
    /// (B) Geographic subdivisions smaller than a state.
    case address = "Address"
    /// (C) Dates directly related to an individual, and ages over 89.
    case date = "Date"
    /// (D)
    case phone = "Phone"
    /// (E)
    case fax = "Fax"
    /// (F)
    case email = "Email"
    /// (G)
    case ssn = "SSN"
    /// (H)
    case medicalRecordNumber = "MRN"
    /// (I)
    case healthPlanNumber = "HealthPlan"
    /// (J)
    case accountNumber = "Account"
    /// (K) Certificate and license numbers.
    case license = "License"
    /// (L) Vehicle identifiers, serial numbers and license plates.
    case vehicle = "Vehicle"
    /// (M) Device identifiers and serial numbers.
    case device = "Device"
    /// (N)
    case url = "URL"
    /// (O)
    case ipAddress = "IPAddress"
    /// (P) Finger and voice prints among them.
    case biometric = "Biometric"
    /// (Q) Full-face photographs and comparable images.
    case photo = "Photo"
    /// (R) Any other unique identifying number, characteristic or code.
    case other = "Other"
}
