import CCurl
import Glibc
import Kubernetes

/// What libcurl tells while it transfers, on the thread that does: the head, the bytes, and the time passing.
///
/// A class because libcurl keeps its address. It lives as long as the transfer.
@safe
final class TransferProgress {
    /// Longest head of an answer, in bytes. Ours; the API server's have a few hundred.
    static let maximumHeadLength = 64 << 10

    struct Head {
        var status: Int
        var headers: [APIResponse.Header]
    }

    /// Whether the transfer is still wanted; asked about once a second and on every event.
    private let isWanted: () -> Bool
    private let receiveHead: (Head) -> Void
    /// Says whether it wants more; may take its time, which is not the server's silence.
    private let receiveBytes: ([UInt8]) -> TransportFailure?
    private let silenceLimit: Duration?

    private var head = Head(status: 0, headers: [])
    private var headLength = 0
    private var heardAt = ContinuousClock.now
    /// Why the transfer was given up here.
    private(set) var failure: TransportFailure?

    init(
        silenceLimit: Duration?, isWanted: @escaping () -> Bool, receiveHead: @escaping (Head) -> Void,
        receiveBytes: @escaping ([UInt8]) -> TransportFailure?
    ) {
        self.silenceLimit = silenceLimit
        self.isWanted = isWanted
        self.receiveHead = receiveHead
        self.receiveBytes = receiveBytes
    }

    /// One line of a head, of which there are several when the server says `100 Continue` first.
    func receiveHeadLine(_ bytes: UnsafeBufferPointer<CChar>) -> Int {
        heardAt = .now
        headLength += bytes.count
        guard headLength <= Self.maximumHeadLength else {
            failure = .answerTooLong(limit: Self.maximumHeadLength)
            return 0
        }
        let text = unsafe String(decoding: bytes.lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let line = text.prefix { !$0.isNewline }
        if line.hasPrefix("HTTP/") {
            let code = line.split(separator: " ").dropFirst().first
            head = Head(status: code.flatMap { Int($0) } ?? 0, headers: [])
        } else if line.isEmpty {
            if head.status >= 200 { receiveHead(head) }
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            head.headers.append(.init(String(line[..<colon]), String(value)))
        }
        return bytes.count
    }

    func receive(_ bytes: UnsafeBufferPointer<CChar>) -> Int {
        failure = unsafe receiveBytes(bytes.map { UInt8(bitPattern: $0) })
        heardAt = .now
        return failure == nil ? bytes.count : 0
    }

    /// Whether to go on; libcurl asks about once a second even when nothing happens.
    func goOn() -> Bool {
        if !isWanted() {
            failure = .cancelled
        } else if let silenceLimit, ContinuousClock.now - heardAt >= silenceLimit {
            failure = .silent
        }
        return failure == nil
    }

    // MARK: - libcurl's callbacks

    /// Has a transfer tell of itself here.
    func attach(to handle: CurlHandle) {
        let address = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe handle.set(
            CURLOPT_HEADERFUNCTION,
            { bytes, _, count, address in
                unsafe TransferProgress.at(address).receiveHeadLine(
                    UnsafeBufferPointer(start: bytes, count: count))
            })
        unsafe handle.set(
            CURLOPT_WRITEFUNCTION,
            { bytes, _, count, address in
                unsafe TransferProgress.at(address).receive(UnsafeBufferPointer(start: bytes, count: count))
            })
        unsafe handle.setProgress { address, _, _, _, _ in unsafe TransferProgress.at(address).goOn() ? 0 : 1
        }
        for option in [CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_XFERINFODATA] {
            unsafe handle.set(option, address)
        }
    }

    private static func at(_ address: UnsafeMutableRawPointer?) -> TransferProgress {
        guard let address = unsafe address else { fatalError("libcurl lost the address it was given") }
        return unsafe Unmanaged<TransferProgress>.fromOpaque(address).takeUnretainedValue()
    }
}
