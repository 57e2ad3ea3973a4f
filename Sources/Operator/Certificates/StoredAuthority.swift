package import Cryptography
package import Kubernetes

/// The authority of this installation as its Secret holds it, which all replicas share.
///
///     tls.crt        certificate of the authority that signs
///     tls.key        its key
///     previous.crt   certificates of those before it whose leaves may still be shown
package struct StoredAuthority: Sendable, Equatable {
    /// The Secret this was read from; a write holds for no other state of it.
    package var uid: String
    package var resourceVersion: String
    /// `nil` while the Secret is as the chart made it, or holds what is no authority.
    package var current: Authority?
    /// Newest first; without those that are none.
    package var previous: [Predecessor]

    /// An authority that signs no more.
    package struct Predecessor: Sendable, Equatable {
        package var certificate: [UInt8]
        package var facts: CertificateFacts

        init?(_ certificate: [UInt8]) {
            guard let facts = try? CertificateFacts(pem: certificate), facts.isAuthority else { return nil }
            self.certificate = certificate
            self.facts = facts
        }
    }

    package struct Authority: Sendable, Equatable {
        package var certificate: [UInt8]
        package var key: [UInt8]
        package var facts: CertificateFacts

        /// - Returns: `nil` for what is no authority.
        init?(certificate: [UInt8], key: [UInt8]) {
            guard let facts = try? CertificateFacts(pem: certificate), facts.isAuthority, !key.isEmpty else {
                return nil
            }
            self.certificate = certificate
            self.key = key
            self.facts = facts
        }

        /// When it was made.
        var start: Timestamp { CertificatePlan.start(of: facts.validity) }

        var issuer: CertificateAuthority {
            CertificateAuthority(
                TLSContext.Identity(certificateChainPEM: certificate, privateKeyPEM: key))
        }
    }

    enum Key {
        static let certificate = "tls.crt"
        static let privateKey = "tls.key"
        static let previous = "previous.crt"
    }

    /// - Parameter secret: a Secret, v1, as the API server has it.
    package init(_ secret: JSON) {
        uid = secret["metadata", "uid"]?.string ?? ""
        resourceVersion = secret["metadata", "resourceVersion"]?.string ?? ""
        func bytes(_ key: String) -> [UInt8] {
            secret["data", key]?.string.flatMap { Base64.decode($0) } ?? []
        }
        current = Authority(certificate: bytes(Key.certificate), key: bytes(Key.privateKey))
        previous = PEMText.blocks(of: bytes(Key.previous)).compactMap { Predecessor($0) }
    }

    /// What clients have to trust, PEM: the authority that signs, and those before it until the last certificate that
    /// they can have signed has expired.
    package func bundle(at now: Timestamp) -> [UInt8] {
        var bundle = current?.certificate ?? []
        var successor = current?.start
        for authority in previous where authority.facts.isValid(at: now) {
            let isNeeded = successor.map { now <= $0 + CertificatePlan.Lifetime.leaf }
            if isNeeded ?? true { bundle += authority.certificate }
            successor = CertificatePlan.start(of: authority.facts.validity)
        }
        return bundle
    }

    /// Of the authority of that fingerprint, where it is the one that signs or one before it.
    func facts(of fingerprint: [UInt8]) -> CertificateFacts? {
        let known = [current?.facts].compactMap(\.self) + previous.map(\.facts)
        return known.first { $0.fingerprint == fingerprint }
    }

    /// Authorities kept beside a new one. Ours: with a year's life there are two at most.
    private static let maximumPrevious = 4

    /// A merge patch that makes `next` the authority, for this state of the Secret only.
    func replacement(by next: TLSContext.Identity) -> JSON {
        var older = previous.map(\.certificate)
        if let current { older.insert(current.certificate, at: 0) }
        let kept = Array(older.prefix(Self.maximumPrevious).joined())
        let data: [String: String] = [
            Key.certificate: Base64.encode(next.certificateChainPEM),
            Key.privateKey: Base64.encode(next.privateKeyPEM), Key.previous: Base64.encode(kept),
        ]
        return [
            "metadata": ["uid": .string(uid), "resourceVersion": .string(resourceVersion)],
            "data": JSON(data),
        ]
    }
}

/// Texts of several certificates.
enum PEMText {
    private static let end = Array("-----END CERTIFICATE-----\n".utf8)

    /// Each certificate of its own; what follows the last one is dropped.
    static func blocks(of text: [UInt8]) -> [[UInt8]] {
        var blocks: [[UInt8]] = []
        var rest = text[...]
        while let range = rest.firstRange(of: end) {
            blocks.append(Array(rest[..<range.upperBound]))
            rest = rest[range.upperBound...]
        }
        return blocks
    }
}
