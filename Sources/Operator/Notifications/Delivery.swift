import API

/// What became of an attempt to deliver a notification.
enum DeliveryOutcome: Sendable, Equatable {
    case delivered
    /// It is not tried again.
    case refused(DeliveryFault)
    /// It is tried again, after the time that the webhook asks for.
    case failed(DeliveryFault, after: Duration?)
}

/// Why a notification was not delivered; says nothing of the webhook's address.
enum DeliveryFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The webhook answered so.
    case status(Int)
    /// Nobody answered, or not in time.
    case unreachable(String)
    case secret(WebhookFault)

    var description: String {
        switch self {
        case .status(let code): "the webhook answers with status \(code)"
        case .unreachable(let reason): reason
        case .secret(let fault): "\(fault)"
        }
    }
}

/// What is wrong with a webhook's Secret; tells none of its contents.
enum WebhookFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The operator may not read it.
    case forbidden(WebhookReference)
    case missing(WebhookReference)
    /// The API server does not say.
    case unavailable
    case missingKey(WebhookReference, key: String)
    case noAddress(WebhookReference)
    case shortSigningKey(WebhookReference)

    var description: String {
        switch self {
        case .forbidden(let place): "the operator may not read Secret \(place.secret)"
        case .missing(let place): "there is no Secret \(place.secret)"
        case .unavailable: "the webhook's Secret cannot be read now"
        case .missingKey(let place, let key): "Secret \(place.secret) has no key \(key)"
        case .noAddress(let place):
            "key \(place.key) of Secret \(place.secret) is no https:// URL (or http:// and this machine)"
        case .shortSigningKey(let place):
            "key \(WebhookSecret.signingKey) of Secret \(place.secret) is shorter than "
                + "\(WebhookSecret.minimumSigningKeyLength) bytes"
        }
    }

    /// What an Event says: also what to do, where that is known. `account` is the operator's own, `namespace:name`.
    func advice(account: String) -> String {
        guard case .forbidden(let place) = self else { return description }
        let role = "weir-notify-\(place.secret)"
        return """
            \(description); allow it: kubectl create role \(role) -n \(place.namespace) --verb=get --resource=secrets \
            --resource-name=\(place.secret) && kubectl create rolebinding \(role) -n \(place.namespace) --role=\(role) \
            --serviceaccount=\(account)
            """
    }
}
