import API
import WireProtocols

/// Which server a session is to have: the hosts of a connection one after another, each by all its addresses.
///
///     begin --resolve--> found --connect--> failed --connect--> ... --giveUp--> over
///
/// As libpq does it: what cannot be reached is passed over for the next address, a server that is not the one wanted
/// or that is not up for the next host. What a server says about the log-in itself ends the search.
struct ServerSearch {
    enum Step: Equatable {
        /// Find the host's addresses, then call ``ServerSearch/found(_:)``.
        case resolve(DatabaseConnection.Host)
        /// Connect and log in, and call ``ServerSearch/failed(_:)`` if that does not lead to a session.
        case connect(ServerAddress)
        case giveUp(Failure)
    }

    /// Why an address gave no session.
    enum Failure: Equatable {
        /// Nobody answers there.
        case unreachable
        /// It is no server that can be trusted or understood.
        case unusable(ServerHandshakeError)
        case certificateNotAccepted
        case unsuitable(ServerHandshakeError)
        /// `cannot_connect_now`, with the body of the server's `ErrorResponse`.
        case notUp([UInt8])

        /// What the client is told in the end: what is closest to a session.
        private var rank: Int {
            switch self {
            case .unreachable: 0
            case .unusable, .certificateNotAccepted: 1
            case .unsuitable: 2
            case .notUp: 3
            }
        }

        fileprivate func closer(_ other: Self) -> Self { other.rank >= rank ? other : self }
    }

    private let upstream: DatabaseConnection.Upstream
    /// Hosts still to be tried in this pass, the next last.
    private var hosts: [DatabaseConnection.Host] = []
    private var host: DatabaseConnection.Host?
    /// Addresses of ``host`` still to be tried, the next last.
    private var addresses: [String] = []
    private var isSecondPass = false
    private var order: ShuffledOrder
    private var closest = Failure.unreachable

    /// `seed` decides on the order where it is to be random.
    init(_ upstream: DatabaseConnection.Upstream, seed: UInt64) {
        self.upstream = upstream
        order = ShuffledOrder(seed: seed)
        hosts = upstream.hosts.reversed()
        if upstream.loadBalanceHosts == .random { hosts.shuffle(using: &order) }
    }

    /// What the server has to be in this pass.
    var attributes: SessionAttributes {
        switch upstream.targetSessionAttributes {
        case .any: .any
        case .readWrite: .readWrite
        case .readOnly: .readOnly
        case .primary: .primary
        case .standby: .standby
        case .preferStandby: isSecondPass ? .any : .standby
        }
    }

    mutating func begin() -> Step { nextHost() }

    /// The host's addresses; none when its name has none.
    mutating func found(_ addresses: [String]) -> Step {
        self.addresses = addresses.reversed()
        if upstream.loadBalanceHosts == .random { self.addresses.shuffle(using: &order) }
        return nextAddress()
    }

    mutating func failed(_ failure: Failure) -> Step {
        closest = closest.closer(failure)
        switch failure {
        case .unreachable, .unusable, .certificateNotAccepted: return nextAddress()
        case .unsuitable, .notUp: return nextHost()
        }
    }

    private mutating func nextAddress() -> Step {
        guard let host, let address = addresses.popLast() else { return nextHost() }
        return .connect(ServerAddress(host: host, address: address, tls: upstream.tls))
    }

    private mutating func nextHost() -> Step {
        if hosts.isEmpty, upstream.targetSessionAttributes == .preferStandby, !isSecondPass {
            isSecondPass = true
            closest = .unreachable
            hosts = upstream.hosts.reversed()
            if upstream.loadBalanceHosts == .random { hosts.shuffle(using: &order) }
        }
        host = hosts.popLast()
        guard let host else { return .giveUp(closest) }
        return host.isSocketFolder ? found([host.socketPath]) : .resolve(host)
    }
}

/// SplitMix64: spreads load, keeps no secret.
private struct ShuffledOrder: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
