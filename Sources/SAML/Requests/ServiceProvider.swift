/// The operator as identity providers know it: one service provider for all connections.
package struct ServiceProvider: Sendable, Equatable {
    package static let metadataPath = "/v1/saml/metadata"
    package static let consumerPath = "/v1/saml/acs"

    /// Where browsers reach the operator, without a slash at its end.
    package let url: String

    package init(url: String) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    package var entityID: String { url + Self.metadataPath }
    /// To which identity providers have the browser send their responses.
    package var consumerURL: String { url + Self.consumerPath }

    /// For identity providers (SAML metadata, section 2.4.4).
    package var metadata: String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="\(XMLText.escaped(entityID))">
          <SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" \
        protocolSupportEnumeration="\(Names.protocolNamespace)">
            <AssertionConsumerService Binding="\(Names.postBinding)" \
        Location="\(XMLText.escaped(consumerURL))" index="0" isDefault="true"/>
          </SPSSODescriptor>
        </EntityDescriptor>

        """
    }
}

/// Text within XML.
enum XMLText {
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
