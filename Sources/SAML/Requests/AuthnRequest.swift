package import Cryptography
package import Kubernetes

/// Asks an identity provider who somebody is (SAML core, section 3.4.1), by the browser's way (bindings, section 3.4).
package struct AuthnRequest: Sendable {
    /// Bytes of randomness in an identifier (core, section 1.3.4, asks for 16).
    private static let randomLength = 20

    /// The answer names it.
    package let id: String
    private let issuedAt: Timestamp
    private let serviceProvider: ServiceProvider

    /// - Throws: when there is no randomness.
    package init(by serviceProvider: ServiceProvider, at now: Timestamp) throws(CryptographyError) {
        // An identifier of XML begins with no digit.
        id = "_" + Hexadecimal.encode(try RandomBytes.generate(Self.randomLength))
        issuedAt = now
        self.serviceProvider = serviceProvider
    }

    /// - Parameters:
    ///   - url: the identity provider's single-sign-on service, by HTTP-Redirect.
    ///   - relayState: comes back with the answer; at most 80 bytes.
    /// - Returns: where the browser goes.
    package func address(at url: String, relayState: String) -> String {
        let query = "SAMLRequest=\(Self.encoded(Base64.encode(Deflate.stored(Array(xml(to: url).utf8)))))"
        return url + (url.contains("?") ? "&" : "?") + query + "&RelayState=\(Self.encoded(relayState))"
    }

    private func xml(to url: String) -> String {
        """
        <samlp:AuthnRequest xmlns:samlp="\(Names.protocolNamespace)" ID="\(id)" Version="2.0" \
        IssueInstant="\(issuedAt.time)" Destination="\(XMLText.escaped(url))" \
        AssertionConsumerServiceURL="\(XMLText.escaped(serviceProvider.consumerURL))" \
        ProtocolBinding="\(Names.postBinding)"><saml:Issuer xmlns:saml="\(Names.assertionNamespace)">\
        \(XMLText.escaped(serviceProvider.entityID))</saml:Issuer>\
        <samlp:NameIDPolicy AllowCreate="true"/></samlp:AuthnRequest>
        """
    }

    /// In a query, for what is ASCII.
    private static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                encoded.unicodeScalars.append(UnicodeScalar(byte))
            default: encoded += "%" + Hexadecimal.encode([byte]).uppercased()
            }
        }
        return encoded
    }
}

/// DEFLATE without compressing (RFC 1951, section 3.2.4), which a request is short enough for.
enum Deflate {
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var blocks: [UInt8] = []
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(Int(UInt16.max))
            rest = rest.dropFirst(block.count)
            let length = UInt16(block.count)
            blocks.append(rest.isEmpty ? 1 : 0)
            for number in [length, ~length] { blocks += [UInt8(number & 0xFF), UInt8(number >> 8)] }
            blocks += block
        } while !rest.isEmpty
        return blocks
    }
}
