import Cryptography

/// One end, with arrays in the place of spans, so that expectations can be made of it.
final class TLSEnd {
    private var connection: TLSConnection
    private(set) var received: [UInt8] = []

    init(_ context: TLSContext) throws { connection = try TLSConnection(context) }

    var state: TLSConnection.State { connection.state }
    var facts: TLSFacts? { connection.facts }
    var hasCiphertext: Bool { connection.hasCiphertext }

    func start() throws { try connection.start() }
    func close() { connection.close() }

    func send(_ bytes: [UInt8]) throws {
        try unsafe bytes.withUnsafeBytes { bytes in try unsafe connection.send(bytes.bytes) }
    }

    func receive(_ ciphertext: [UInt8]) throws {
        let capacity = connection.plaintextCapacity(forCiphertext: ciphertext.count)
        let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 1)
        defer { unsafe storage.deallocate() }
        var output = unsafe OutputRawSpan(buffer: storage, initializedCount: 0)
        let result = unsafe ciphertext.withUnsafeBytes { bytes in
            Result { try unsafe connection.receive(bytes.bytes, plaintext: &output) }
        }
        let count = unsafe output.finalize(for: storage)
        unsafe received.append(contentsOf: storage.prefix(count))
        try result.get()
    }

    func takeCiphertext() -> [UInt8] {
        var bytes: [UInt8] = []
        connection.takeCiphertext { span in
            unsafe span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}

/// Two ends whose ciphertext is carried by hand.
struct TLSLoopback {
    let client: TLSEnd
    let server: TLSEnd
    /// Largest piece carried at once, in bytes.
    let chunk: Int

    init(client: TLSContext, server: TLSContext, chunk: Int = 1 << 20) throws {
        self.client = try TLSEnd(client)
        self.server = try TLSEnd(server)
        self.chunk = chunk
    }

    /// Carries until both are silent.
    func run() throws {
        try client.start()
        while client.hasCiphertext || server.hasCiphertext {
            try carry(from: client, to: server)
            try carry(from: server, to: client)
        }
    }

    private func carry(from sender: TLSEnd, to receiver: TLSEnd) throws {
        let bytes = sender.takeCiphertext()
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            try receiver.receive(Array(bytes[start..<min(start + chunk, bytes.count)]))
        }
    }
}
