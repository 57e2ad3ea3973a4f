import Audit
import Cryptography
import FoundationEssentials

/// Which keys gateways may have.
package enum TrustedKeys: Sendable {
    /// The first key seen under a name is the only one from then on.
    case firstContact
    /// `NAME.pub` in this folder, as the gateway publishes it; read at each first contact.
    case folder(String)

    /// Whether `key`, 32 bytes, may be bound to `gateway`.
    package func permits(_ key: [UInt8], for gateway: String) -> Bool {
        switch self {
        case .firstContact: return true
        case .folder(let folder):
            guard GatewayName.isValid(gateway),
                let data = FileManager.default.contents(atPath: "\(folder)/\(gateway).pub"),
                let trusted = VerifierKey(String(decoding: data.prefix { $0 != 0x0a }, as: UTF8.self))
            else { return false }
            return trusted.name == gateway && trusted.publicKey.rawRepresentation == key
        }
    }
}
