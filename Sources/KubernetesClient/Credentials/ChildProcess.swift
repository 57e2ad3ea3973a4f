import Glibc

/// A program that is run for what it writes to its standard output; it reads nothing and complains where we do.
struct ChildProcess: Sendable {
    var command: String
    var arguments: [String]
    var environment: [String: String]
    var timeLimit: Duration
    /// In bytes.
    var outputLimit: Int

    /// Waits for its end, and no longer than the time limit.
    func run() async throws(ConfigurationError) -> [UInt8] {
        let result = await withCheckedContinuation { continuation in
            Thread.start {
                continuation.resume(
                    returning: Result { () throws(ConfigurationError) in try runBlocking() })
            }
        }
        return try result.get()
    }

    private func runBlocking() throws(ConfigurationError) -> [UInt8] {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw ConfigurationError("no pipe: \(Self.lastError)") }
        let (output, input) = (ends[0], ends[1])
        defer { close(output) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let spawned = Result { () throws(ConfigurationError) in try spawn(writingTo: input) }
        close(input)
        let child = try spawned.get()
        let deadline = ContinuousClock.now + timeLimit
        let result = Result { () throws(ConfigurationError) in try read(output, until: deadline) }
        // Its whole group, which it may have left children in.
        if case .failure = result { kill(-child, SIGKILL) }
        let status = wait(for: child, until: deadline)
        let bytes = try result.get()
        guard status == 0 else {
            throw ConfigurationError(
                status & 0x7f == 0 ? "it ended with status \(status >> 8 & 0xff)" : "it was killed")
        }
        return bytes
    }

    /// A program may close its output and go on; at the deadline it is killed.
    private func wait(for child: pid_t, until deadline: ContinuousClock.Instant) -> Int32 {
        var status: Int32 = 0
        while true {
            let ended = unsafe waitpid(child, &status, WNOHANG)
            if ended == child || (ended < 0 && errno != EINTR) { return status }
            if ContinuousClock.now >= deadline { kill(-child, SIGKILL) }
            usleep(Self.waitInterval)
        }
    }

    /// In microseconds.
    private static let waitInterval: UInt32 = 2000

    private func spawn(writingTo output: Int32) throws(ConfigurationError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let arguments = CStrings([command] + self.arguments)
        let environment = CStrings(self.environment.map { "\($0.key)=\($0.value)" })
        var child: pid_t = 0
        let path = try executable()
        let status = unsafe posix_spawn(
            &child, path, &actions, &attributes, arguments.pointers, environment.pointers)
        guard status == 0 else {
            let reason = unsafe String(cString: strerror(status))
            throw ConfigurationError("cannot be run: \(reason)")
        }
        return child
    }

    /// By the `PATH` of its environment, not by ours.
    private func executable() throws(ConfigurationError) -> String {
        if command.contains("/") { return command }
        for folder in (environment["PATH"] ?? "").split(separator: ":") {
            let path = "\(folder)/\(command)"
            if unsafe access(path, X_OK) == 0 { return path }
        }
        throw ConfigurationError("is not installed")
    }

    private func read(
        _ output: Int32, until deadline: ContinuousClock.Instant
    ) throws(ConfigurationError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let rest = (deadline - .now).components
            let milliseconds = rest.seconds * 1000 + rest.attoseconds / 1_000_000_000_000_000
            var readiness = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let count = milliseconds > 0 ? unsafe poll(&readiness, 1, Int32(clamping: milliseconds)) : 0
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw ConfigurationError("it took longer than \(timeLimit)") }
            let length = unsafe Glibc.read(output, &chunk, chunk.count)
            if length < 0, errno == EINTR { continue }
            guard length >= 0 else { throw ConfigurationError("cannot be read: \(Self.lastError)") }
            guard length > 0 else { return bytes }
            bytes += chunk[..<length]
            guard bytes.count <= outputLimit else {
                throw ConfigurationError("it made more than \(outputLimit) bytes")
            }
        }
    }

    private static var lastError: String { unsafe String(cString: strerror(errno)) }
}

/// Texts for C, ending with a null pointer.
@safe
private final class CStrings {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ texts: [String]) {
        unsafe pointers = texts.map { unsafe strdup($0) } + [nil]
    }

    deinit { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
}
