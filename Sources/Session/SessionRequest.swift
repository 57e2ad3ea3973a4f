package import API
package import WireProtocols

/// What a session asks of its driver besides bytes and records.
package enum SessionRequest: Equatable {
    /// Become TLS on the client's connection, as the server, after what is to be sent has been sent.
    case startClientTLS
    /// Become TLS on the database's connection, as the client, likewise.
    case startServerTLS
    /// Find out how the client is to prove who it is: ``PostgreSQLSession/credentialFound(_:subject:randomness:)``.
    case lookUp(ClientStartup)
    /// Judge what the client has shown to prove who it is: ``PostgreSQLSession/tokenAccepted(_:_:)`` or
    /// ``PostgreSQLSession/tokenRefused(_:isToken:)``.
    case verify(token: [UInt8])
    /// Judge what an application has shown to act on behalf of somebody: ``PostgreSQLSession/tokenJudged(_:at:)``.
    case verifyPerson(token: [UInt8])
    /// Say whether an identity still holds: ``PostgreSQLSession/personChecked(_:at:)``.
    case checkPerson(Subject, IdentityEvidence)
    /// Look up the host's addresses: ``PostgreSQLSession/addressesFound(_:)``.
    case resolve(DatabaseConnection.Host)
    /// Connect to the database: ``PostgreSQLSession/serverConnected(_:randomness:)`` or
    /// ``PostgreSQLSession/serverUnreachable(_:)``.
    case connect(ServerAddress)
    /// Close the connection to the database, once everything has been sent, and log why.
    case leaveServer(reason: String)
    /// Whoever sends `key` may cancel this session's statement, by `cancels` on the database's side.
    case began(key: CancelRequest, cancels: CancelRequest)
    /// Look whose key that is, cancel there, and close the client's connection once that is done.
    case cancel(CancelRequest)
    /// Log what the gateway's role of the database may do: it is another than before.
    case tellRole(DatabaseRoleRead)
    /// Log that this could not be found out.
    case warnRoleUnreadable(sqlState: String)
    /// Have people decide about a statement that waits: ``PostgreSQLSession/approvalAnswered(_:at:)``, more than once.
    case askApproval(ApprovalQuestion)
    /// Nobody waits for the answer any more.
    case withdrawApproval(id: String)
    /// Close both connections once everything has been sent.
    case close
}
