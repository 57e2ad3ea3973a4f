import Glibc
import NIOCore
import NIOPosix

/// What the operating system refuses, in its own words and without NIO's: `connection refused`,
/// `127.0.0.1:9440: address already in use`.
package struct SystemRefusal: Error, Equatable, CustomStringConvertible {
    package let description: String

    /// Of a connection, or of what was to be sent or received on it.
    init(_ error: any Error) {
        description = Self.words(for: error)
    }

    /// Of listening at one of these.
    init(_ error: any Error, at endpoints: [Endpoint]) {
        let places = endpoints.map { "\($0)" }.joined(separator: " or ")
        description = "\(places): \(Self.words(for: error))"
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let error as IOError:
            return words(for: error.errnoCode)
        case let error as NIOConnectionError:
            var all: [String] = []
            for failure in error.connectionErrors.map({ words(for: $0.error) }) where !all.contains(failure) {
                all.append(failure)
            }
            return all.isEmpty ? "its name has no address" : all.joined(separator: ", ")
        case ChannelError.connectTimeout:
            return "\(NetworkingError.timedOut)"
        default:
            return "\(error)"
        }
    }

    private static func words(for code: CInt) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        let words = unsafe String(cString: text)
        return words.prefix(1).lowercased() + words.dropFirst()
    }
}

extension EventLoopFuture {
    /// Has refusals of the operating system in words.
    func inWords() -> EventLoopFuture<Value> {
        flatMapErrorThrowing { error in
            switch error {
            case is IOError, is NIOConnectionError: throw SystemRefusal(error)
            case ChannelError.connectTimeout: throw NetworkingError.timedOut
            default: throw error
            }
        }
    }
}
