import ClusterModel
import Hummingbird
import Kubernetes
import NIOCore

/// Sends the lines of a watch as they come, bookmarks between them, and what is to go wrong.
struct WatchStream: Sendable {
    let host: ClusterHost
    let bookmarkInterval: Duration

    private enum Wake {
        case change
        case bookmark
        case end
    }

    private enum Course {
        case on
        /// Nothing is sent any more, and nothing ends.
        case silent
        case over
    }

    func body(of watch: Watch) -> ResponseBody {
        ResponseBody { writer in
            var watch = watch
            let (wakes, continuation) = AsyncStream.makeStream(of: Wake.self)
            // What is there comes before the end, however short the time and slow the machine.
            continuation.yield(.change)
            // Before the first look: no change falls between.
            let changed = host.changes()
            let changes = Task {
                for await _ in changed { continuation.yield(.change) }
            }
            let clock = Task { [timeout = watch.timeoutSeconds, wants = watch.wantsBookmarks] in
                try await tick(timeout: .seconds(timeout), wantsBookmarks: wants) { continuation.yield($0) }
            }
            defer {
                changes.cancel()
                clock.cancel()
            }
            // Whoever reads has the head of the answer before anything happens.
            try await writer.write(ByteBuffer())
            var course = Course.on
            var last: ByteBuffer?
            for await wake in wakes {
                switch (course, wake) {
                case (.silent, .change), (.silent, .bookmark): continue
                case (_, .end): return try await writer.finish(nil)
                case (.on, .bookmark): try await writer.write(Self.line(watch.bookmark()))
                case (.on, .change):
                    let output = output(of: host.lines(of: &watch), after: &last)
                    course = output.course
                    if output.text.readableBytes > 0 { try await writer.write(output.text) }
                case (.over, _): break
                }
                if case .over = course { return try await writer.finish(nil) }
            }
        }
    }

    /// Bookmarks at each interval, and one shortly before the end.
    private func tick(
        timeout: Duration, wantsBookmarks: Bool, _ wake: @Sendable (Wake) -> Void
    ) async throws {
        var elapsed = Duration.zero
        let last = timeout - .seconds(1)
        while elapsed < timeout {
            let next = min(elapsed < last ? min(elapsed + bookmarkInterval, last) : timeout, timeout)
            try await Task.sleep(for: next - elapsed)
            elapsed = next
            if elapsed < timeout, wantsBookmarks { wake(.bookmark) }
        }
        wake(.end)
    }

    /// What is to be written of the lines, and how it goes on then.
    private func output(of lines: [Watch.Line], after last: inout ByteBuffer?) -> (
        text: ByteBuffer, course: Course
    ) {
        var output = ByteBuffer()
        for line in lines {
            switch line {
            case .last(let json):
                output.writeImmutableBuffer(Self.line(json))
                return (output, .over)
            case .event(let json):
                let text = Self.line(json)
                defer { last = text }
                switch host.takeWatchFault() {
                case nil: output.writeImmutableBuffer(text)
                case .duplicate:
                    output.writeImmutableBuffer(text)
                    output.writeImmutableBuffer(text)
                case .stale:
                    output.writeImmutableBuffer(text)
                    if let last { output.writeImmutableBuffer(last) }
                case .truncated:
                    output.writeImmutableBuffer(text.getSlice(at: 0, length: text.readableBytes / 2) ?? text)
                    return (output, .over)
                case .halfOpen: return (output, .silent)
                case .cut: return (output, .over)
                case .expired:
                    output.writeImmutableBuffer(Self.line(["type": "ERROR", "object": Self.expired]))
                    return (output, .over)
                }
            }
        }
        return (output, .on)
    }

    private static let expired: JSON = [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
        "message": "too old resource version", "reason": "Expired", "code": 410,
    ]

    private static func line(_ json: JSON) -> ByteBuffer { ByteBuffer(bytes: json.rendered + [0x0A]) }
}
