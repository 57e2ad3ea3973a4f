import API
import Audit
import AuditSink

/// Sessions and their records, from a sink or from files.
enum EvidenceSource {
    case sink(SinkClient)
    case archive(EvidenceArchive)

    func sessions(_ filter: SessionFilter) async throws -> [SessionSummary] {
        switch self {
        case .sink(let client): try await client.sessions(filter)
        case .archive(let archive): archive.sessions(filter)
        }
    }

    /// - Throws: ``EvidenceFault/unknownSession(_:)``
    func session(_ session: SessionID) async throws -> SessionSummary {
        let found =
            switch self {
            case .sink(let client): try await client.session(session)
            case .archive(let archive): archive.session(session)
            }
        guard let found else { throw EvidenceFault.unknownSession(session.hexadecimal) }
        return found
    }

    /// The session's records in the order of the log, as they were sent.
    func lines(of session: SessionID) async throws -> [[UInt8]] {
        switch self {
        case .sink(let client): try await client.events(of: session)
        case .archive(let archive): archive.lines(of: session)
        }
    }
}
