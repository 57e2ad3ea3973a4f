import API
import Cryptography
import Hummingbird
import Identity
import Kubernetes
import Logging
import NIOCore

/// `POST /v1/token`: RFC 8693, as a form; who asks needs nothing but the token that is exchanged.
struct TokenRoutes: Sendable {
    let exchange: TokenExchange
    let log: OperatorLog?
    let metrics: OperatorMetrics
    let logger: Logger

    /// Of a form, in bytes: a token of 32 KiB in percent-encoding, and some names.
    private static let maximumBodyLength = 128 << 10

    func add(to router: Router<ClientContext>) {
        router.post("/v1/token") { request, context in
            let body = try await request.body.collect(upTo: Self.maximumBodyLength)
            guard let form = FormFields(Array(body.readableBytesView)) else {
                throw HTTPError(.badRequest, message: "this is no form, or names a field twice")
            }
            do throws(TokenExchange.Refusal) {
                return Self.response(.ok, try await answer(form.fields))
            } catch {
                metrics.add(.grantsRefused)
                if error.isStale {
                    metrics.add(.staleRefusals)
                    await exchange.service.tellStale(error.description, of: form.fields["audience"] ?? "")
                }
                await log?.note(
                    Self.record(error, asking: form.fields["audience"], from: context.client),
                    isGenuine: error.isGenuine)
                logger.warning("no grant", metadata: ["reason": "\(error.description)"])
                return Self.response(
                    error.code == .unavailable ? .serviceUnavailable : .badRequest,
                    [
                        "error": .string(error.code.rawValue),
                        "error_description": .string(error.description),
                    ])
            }
        }
    }

    private static func record(
        _ refusal: TokenExchange.Refusal, asking audience: String?, from client: String
    ) -> SessionRefused {
        SessionRefused(
            claimedUser: refusal.claimed,
            connection: audience ?? "", clientAddress: client,
            reason: "no grant: \(refusal.description)")
    }

    private func answer(_ form: [String: String]) async throws(TokenExchange.Refusal) -> JSON {
        let (grant, text) = try await exchange.answer(to: form)
        metrics.add(.grants)
        logger.notice(
            "grant given",
            metadata: [
                "subject": "\(grant.subject.name)", "connection": "\(grant.connection)",
                "id": "\(grant.evidence.tokenIDs.first ?? "")",
            ])
        return [
            "access_token": .string(text), "issued_token_type": .string(TokenExchange.issuedType),
            "token_type": "N_A", "expires_in": .integer(grant.evidence.expiry - grant.issuedAt),
            "subject": .string(grant.subject.name),
        ]
    }

    static func response(_ status: HTTPResponse.Status, _ json: JSON, type: String = "application/json")
        -> Response
    {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: json.rendered)))
    }
}

/// `application/x-www-form-urlencoded`.
struct FormFields {
    private(set) var fields: [String: String] = [:]

    /// - Returns: `nil` for what is none, and when a field is there twice (RFC 6749, section 3.2).
    init?(_ body: [UInt8]) {
        for pair in body.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = Self.decoded(parts[0]), let value = Self.decoded(parts[1]),
                fields.updateValue(value, forKey: name) == nil
            else { return nil }
        }
    }

    /// As a value within an address.
    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                encoded.unicodeScalars.append(UnicodeScalar(byte))
            default: encoded += "%" + Hexadecimal.encode([byte])
            }
        }
        return encoded
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
                guard digits.count == 2 else { return nil }
                bytes.append(UInt8(digits[0] * 16 + digits[1]))
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
