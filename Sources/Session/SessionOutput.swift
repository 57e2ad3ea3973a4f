package import API

/// What a session wants done after it has received something. The driver performs it in this order: ``records``
/// first and durably, then the bytes, then ``requests``; if a record cannot be kept, nothing after it happens.
package struct SessionOutput {
    package var records: [AuditEvent] = []
    package var toServer: [UInt8] = []
    /// When set, the bytes just received from the server go to the client as they are, before ``toClient``.
    package var forwardsInput = false
    package var toClient: [UInt8] = []
    package var requests: [SessionRequest] = []

    package init() {}

    package var isEmpty: Bool {
        records.isEmpty && toServer.isEmpty && toClient.isEmpty && !forwardsInput && requests.isEmpty
    }

    /// Forgets what has been performed and keeps the room it took.
    package mutating func reset() {
        if !records.isEmpty { records.removeAll(keepingCapacity: true) }
        if !toServer.isEmpty {
            toServer.removeAll(keepingCapacity: toServer.capacity <= Self.keptCapacity)
        }
        if !toClient.isEmpty {
            toClient.removeAll(keepingCapacity: toClient.capacity <= Self.keptCapacity)
        }
        if !requests.isEmpty { requests.removeAll(keepingCapacity: true) }
        forwardsInput = false
    }

    /// Most bytes of room that an idle session keeps in each direction.
    private static let keptCapacity = 4 << 10
}
