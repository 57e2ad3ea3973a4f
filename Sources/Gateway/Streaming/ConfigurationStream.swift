import API
import Cryptography
import Logging
import Manifests
import NIOCore
import Networking
import Shipping
import Synchronization

/// Keeps the gateway's configuration up to date over a connection to the operator: performs what ``StreamMachine`` says.
final class ConfigurationStream: Sendable {
    private let configuration: GatewayConfiguration
    private let operatorAddress: GatewayConfiguration.ControlPlane
    private let intake: ConfigurationIntake
    private let loop: any EventLoop
    private let logger: Logger
    private let state = Mutex(State())

    /// For the metrics.
    struct State: Sendable, Equatable {
        var isConnected = false
        var connectionCount: UInt64 = 0
        var acceptedCount: UInt64 = 0
        var refusedCount: UInt64 = 0
    }

    init(
        _ configuration: GatewayConfiguration, to operatorAddress: GatewayConfiguration.ControlPlane,
        _ intake: ConfigurationIntake, on loop: any EventLoop, logger: Logger
    ) {
        self.configuration = configuration
        self.operatorAddress = operatorAddress
        self.intake = intake
        self.loop = loop
        self.logger = logger
    }

    var snapshot: State { state.withLock { $0 } }

    /// Runs until the task is cancelled.
    func run() async {
        var connection = Connection(machine: StreamMachine(namespace: configuration.namespace))
        while !Task.isCancelled {
            await perform(.due, &connection)
            while let stream = connection.stream, !Task.isCancelled {
                let event: StreamMachine.Event
                do {
                    event = try await connection.next(of: stream)
                } catch {
                    if Task.isCancelled { break }
                    event = .ended(reason: "\(error)")
                }
                await perform(event, &connection)
            }
            try? await Task.sleep(for: connection.delay)
        }
        connection.close()
        await connection.client?.close()
    }

    private func perform(_ event: StreamMachine.Event, _ connection: inout Connection) async {
        for action in connection.machine.receive(event, chance: .random(in: 0...1)) {
            switch action {
            case .connect:
                await perform(await connect(&connection), &connection)
            case .opened:
                state.withLock {
                    $0.isConnected = true
                    $0.connectionCount += 1
                }
                await intake.streamConnected()
                logger.notice("configuration stream is open")
            case .attest(let workload):
                await intake.attested(workload)
            case .answer(let answer):
                await intake.approvalAnswered(answer)
            case .refuse(let id, let reason):
                logger.error(
                    "an answer about an approval cannot be read",
                    metadata: ["request": "\(id)", "reason": "\(reason)"])
                await intake.approvalAnswered(.unreadable(id, reason))
            case .disown:
                await intake.attested(nil)
            case .authorize(let line):
                if await !intake.authorized(by: line) {
                    await perform(.ended(reason: "what identities are verified by is malformed"), &connection)
                }
            case .confirm(let revision):
                await intake.authorityConfirmed(revision)
            case .apply(let revision, let list):
                let faults = await intake.streamed(Result { try read(list) })
                await perform(.settled(revision: revision, faults: faults), &connection)
            case .acknowledge(let revision, let faults):
                let acknowledgement = ConfigurationAcknowledgement(revision: revision, faults: faults)
                await acknowledge(acknowledgement, &connection)
            case .lost:
                state.withLock { $0.isConnected = false }
                connection.close()
                await intake.streamLost()
            case .tell(let reason):
                logger.warning("no configuration stream", metadata: ["reason": "\(reason)"])
            case .close: connection.close()
            case .wait(let delay): connection.delay = delay
            }
        }
    }

    private func connect(_ connection: inout Connection) async -> StreamMachine.Event {
        do {
            await connection.client?.close()
            let client = try operatorAddress.client(on: loop)
            connection.client = client
            let seconds = StreamMachine.silenceLimit.components.seconds
            let stream = try await client.open(
                HTTPRequest(path: "/v1/configuration", headers: [try operatorAddress.authorization()]),
                silenceLimit: .seconds(seconds))
            connection.open(stream)
            return .answered(status: stream.status)
        } catch {
            return .ended(reason: "\(error)")
        }
    }

    private func read(_ list: ManifestNode) throws -> ManifestSet {
        let manifests = try ManifestSet.read(
            rendered: list, namespace: configuration.namespace, connections: configuration.connections)
        try GatewayFault.check(manifests, for: configuration)
        return manifests
    }

    /// A stream whose acknowledgements do not arrive is not one.
    private func acknowledge(
        _ acknowledgement: ConfigurationAcknowledgement, _ connection: inout Connection
    ) async {
        state.withLock {
            if acknowledgement.faults.isEmpty { $0.acceptedCount += 1 } else { $0.refusedCount += 1 }
        }
        guard let client = connection.client else { return }
        do {
            let response = try await client.send(
                HTTPRequest(
                    method: .post, path: "/v1/configuration/acknowledgement",
                    headers: [try operatorAddress.authorization(), ("Content-Type", "application/json")],
                    body: acknowledgement.body))
            guard response.status == 204 else { throw ShippingFault.refused(status: response.status) }
        } catch {
            await perform(.ended(reason: "acknowledgement: \(error)"), &connection)
        }
    }
}

/// One connection after the other, and what has come of the lines of the one there is.
private struct Connection {
    var machine: StreamMachine
    var client: HTTPClient?
    private(set) var stream: HTTPStream?
    var delay = Duration.zero
    private var decoder = LineDecoder(limit: ConfigurationMessage.maximumLength)
    private var lines: [[UInt8]] = []

    init(machine: StreamMachine) {
        self.machine = machine
    }

    mutating func open(_ stream: HTTPStream) {
        self.stream = stream
        decoder = LineDecoder(limit: ConfigurationMessage.maximumLength)
        lines = []
    }

    mutating func close() {
        stream?.close()
        stream = nil
    }

    /// The next line's message, or the end.
    mutating func next(of stream: HTTPStream) async throws -> StreamMachine.Event {
        while lines.isEmpty {
            guard let piece = try await stream.next() else { return .ended(reason: "the operator ended it") }
            guard let whole = decoder.append(piece) else { return .ended(reason: "a line is too long") }
            lines = whole
        }
        return .received(try ConfigurationMessage(line: lines.removeFirst()))
    }
}
