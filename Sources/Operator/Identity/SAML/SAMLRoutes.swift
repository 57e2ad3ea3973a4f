import API
import Hummingbird
import Identity
import Logging
import NIOCore
import SAML

/// The operator as a SAML service provider (SAML profiles, section 4.1): requests by HTTP-Redirect, answers by HTTP-POST.
///
/// `weirctl login --saml` opens `/v1/saml/login` in a browser and waits at a port of 127.0.0.1, to which the browser is sent in the
/// end with a ``SignIn``, or with the reason that there is none.
struct SAMLRoutes: Sendable {
    let service: SAMLService
    let log: OperatorLog?
    let metrics: OperatorMetrics
    let logger: Logger

    /// Of the form, in bytes: a response in Base64 and percent-encoding.
    private static let maximumBodyLength = 512 << 10
    /// Where the waiting program listens.
    private static let callbackPath = "/callback"

    func add(to router: Router<ClientContext>) {
        router.get("/v1/saml/metadata") { _, _ in
            guard let serviceProvider = service.serviceProvider else { throw Self.answer(.unconfigured) }
            return Response(
                status: .ok, headers: [.contentType: "application/samlmetadata+xml"],
                body: .init(byteBuffer: ByteBuffer(string: serviceProvider.metadata)))
        }
        router.get("/v1/saml/login") { request, _ in
            let query = request.uri.queryParameters
            do throws(SAMLService.Refusal) {
                let begun = try service.begin { query[Substring($0)].map(String.init) }
                return Self.redirect(to: begun.location, setting: begun.cookie)
            } catch {
                throw Self.answer(error)
            }
        }
        router.post("/v1/saml/acs") { request, context in
            let cookies = request.cookies
            let body = try await request.body.collect(upTo: Self.maximumBodyLength)
            guard let form = FormFields(Array(body.readableBytesView)),
                let response = form.fields["SAMLResponse"]
            else { throw HTTPError(.badRequest, message: "this is no SAML response") }
            let begun: SAMLRequestState
            do throws(SAMLService.Refusal) {
                begun = try service.request(form.fields["RelayState"]) { cookies[$0]?.value }
            } catch {
                await refuse(error, from: context.client)
                throw Self.answer(error)
            }
            return await finish(begun, response, from: context.client)
        }
    }

    private func finish(
        _ request: SAMLRequestState, _ response: String, from client: String
    ) async -> Response {
        let result: String
        do throws(SAMLService.Refusal) {
            let (text, signIn) = try await service.finish(request, response: response)
            logger.notice(
                "signed in",
                metadata: [
                    "issuer": "\(signIn.issuer)", "name": "\(signIn.nameID)", "id": "\(signIn.assertionID)",
                ])
            metrics.add(.signIns)
            result = "sign_in=\(text)"
        } catch {
            await refuse(error, of: request, from: client)
            result = "error=\(FormFields.encoded(error.description))"
        }
        let address =
            "http://127.0.0.1:\(request.port)\(Self.callbackPath)?state=\(request.state)&\(result)"
        return Self.redirect(
            to: address, setting: SAMLRequestState.cookie(request.mark, "", lifetime: 0))
    }

    private func refuse(
        _ refusal: SAMLService.Refusal, of request: SAMLRequestState? = nil, from client: String
    ) async {
        metrics.add(.signInsRefused)
        logger.warning("nobody is signed in", metadata: ["reason": "\(refusal)"])
        let provider = request.map { " by \($0.provider)" } ?? ""
        await log?.note(
            SessionRefused(
                claimedUser: "", connection: request?.connection ?? "", clientAddress: client,
                reason: "no sign-in\(provider): \(refusal)"),
            isGenuine: refusal.isOfGenuineResponse)
    }

    /// Asked for by GET, whatever brought the browser here (RFC 9110, section 15.4.4).
    private static func redirect(to address: String, setting cookie: String) -> Response {
        Response(
            status: .seeOther,
            headers: [.location: address, .setCookie: cookie, .cacheControl: "no-store"])
    }

    private static func answer(_ refusal: SAMLService.Refusal) -> HTTPError {
        let status: HTTPResponse.Status =
            switch refusal {
            case .unconfigured, .unknownProvider: .notFound
            case .unavailable: .serviceUnavailable
            case .malformedRequest: .badRequest
            case .unknownRequest, .response, .replayed, .tooLarge: .forbidden
            }
        return HTTPError(status, message: refusal.description)
    }
}
