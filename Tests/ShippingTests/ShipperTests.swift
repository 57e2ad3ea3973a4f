import Audit
import LogCapture
import NIOCore
import Networking
import TemporaryFiles
import Testing

@testable import Shipping

/// What becomes of a log, by what the sink answers.
@Suite(.timeLimit(.minutes(5)))
struct ShipperTests {
    private let loop = EventLoops.shared.next()
    private let captured = CapturedLog()
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func shipper(of log: WrittenLog, to sink: PlayedSink) -> Shipper {
        let address = SinkAddress(url: sink.url, authorities: { nil }, authorization: { nil })
        return Shipper(
            log.spool, writer: WrittenLog.name, connection: SinkConnection(address, on: loop),
            logger: captured.logger)
    }

    /// Ships one batch, as after a start.
    /// - Returns: why it was not taken; `nil` where it was, and where there is none.
    private func fault(of log: WrittenLog, to sink: PlayedSink) async throws -> ShippingFault? {
        var reader = SpoolReader(log.spool)
        do {
            _ = try await shipper(of: log, to: sink).shipBatch(&reader)
            return nil
        } catch let fault as ShippingFault {
            return fault
        }
    }

    /// Ships until it is so, or has not come to be so in two minutes.
    private func run(_ shipper: Shipper, until condition: () -> Bool) async throws {
        let running = Task { await shipper.run() }
        let end = ContinuousClock.now + .seconds(120)
        while !condition(), .now < end { try await Task.sleep(for: .milliseconds(1)) }
        running.cancel()
        await running.value
    }

    // MARK: - One batch

    @Test func `what the sink has acknowledged is kept, and not sent again`() async throws {
        let log = try WrittenLog(in: folder)
        try log.record(3)
        let sink = try await PlayedSink(on: loop)
        for _ in 0..<2 { #expect(try await fault(of: log, to: sink) == nil) }
        #expect(log.spool.acknowledged == log.lastSigned)
        #expect(sink.posts.map(\.path) == ["/v1/gateways/clinic/events"])
        #expect(sink.posts.map(\.sequences) == [[1, 2, 3, 4, 5]])
        try await sink.close()
    }

    @Test func `an acknowledgement of less than the batch is none`() async throws {
        let log = try WrittenLog(in: folder)
        try log.record(3)
        let answer = HTTPResponse.acknowledging(log.lastSigned - 1)
        let sink = try await PlayedSink(on: loop) { _, _ in answer }
        #expect(try await fault(of: log, to: sink) == .notTaken(SinkRefusal(answer)))
        #expect(log.spool.acknowledged == 0)
        try await sink.close()
    }

    @Test func `a refusal is told as the sink words it, and acknowledges nothing`() async throws {
        let log = try WrittenLog(in: folder)
        try log.record()
        let answer = HTTPResponse.refusal(503, #"{"error":"Busy","detail":"later","acknowledged":3}"#)
        let sink = try await PlayedSink(on: loop) { _, _ in answer }
        let fault = try await fault(of: log, to: sink)
        #expect(fault == .notTaken(SinkRefusal(answer)))
        #expect(log.spool.acknowledged == 0)
        try await sink.close()
    }

    @Test func `a sink that has records which are not here is ahead, and acknowledges nothing`() async throws
    {
        let log = try WrittenLog(in: folder)
        try log.record()
        let ahead = log.lastSigned + 1
        let sink = try await PlayedSink(on: loop) { _, _ in HTTPResponse.acknowledging(ahead) }
        #expect(try await fault(of: log, to: sink) == .ahead(acknowledged: ahead))
        #expect(log.spool.acknowledged == 0)
        try await sink.close()
    }

    // MARK: - A whole log

    /// Of several segments, each a batch.
    private func longLog() throws -> WrittenLog {
        let limits = Recorder.Limits(bufferByteCount: 128 << 10, segmentByteCount: 8 << 10)
        let log = try WrittenLog(in: folder, limits: limits)
        try log.record(40)
        return log
    }

    @Test func `a log is sent in order and each record once`() async throws {
        let log = try longLog()
        let sink = try await PlayedSink(on: loop)
        await shipper(of: log, to: sink).shipRest(within: .seconds(60))
        #expect(sink.posts.count > 1)
        #expect(sink.posts.flatMap(\.sequences) == Array(1...log.lastSigned))
        #expect(log.spool.acknowledged == log.lastSigned)
        #expect(captured.lines == [])
        try await sink.close()
    }

    @Test func `what the sink has already is not sent to it`() async throws {
        let log = try longLog()
        let last = log.lastSigned
        let sink = try await PlayedSink(on: loop) { _, _ in HTTPResponse.acknowledging(last) }
        await shipper(of: log, to: sink).shipRest(within: .seconds(60))
        #expect(sink.posts.count == 1)
        #expect(log.spool.acknowledged == last)
        try await sink.close()
    }

    @Test func `after a restart it goes on behind what was acknowledged`() async throws {
        let sink = try await PlayedSink(on: loop)
        var acknowledged: UInt64 = 0
        do {
            let log = try WrittenLog(in: folder)
            try log.record(2)
            #expect(try await fault(of: log, to: sink) == nil)
            acknowledged = log.spool.acknowledged
        }
        let log = try WrittenLog(in: folder)
        try log.record()
        #expect(try await fault(of: log, to: sink) == nil)
        #expect(acknowledged == 4)
        #expect(sink.posts.last?.sequences == Array(acknowledged + 1...log.lastSigned))
        try await sink.close()
    }

    @Test func `what the sink does not take at the end stays, and is told of`() async throws {
        let log = try WrittenLog(in: folder)
        try log.record()
        let sink = try await PlayedSink(on: loop) { _, _ in HTTPResponse.refusal(503, "") }
        await shipper(of: log, to: sink).shipRest(within: .milliseconds(300))
        #expect(log.spool.acknowledged == 0)
        #expect(captured.lines.count == 1)
        #expect(captured.lines.first?.hasPrefix("warning the end of the log is not with the") == true)
        try await sink.close()
    }

    // MARK: - Until it is cancelled

    @Test func `a sink that takes nothing is asked less and less, and each failure told of once`()
        async throws
    {
        let log = try WrittenLog(in: folder)
        try log.record()
        let refusals = [
            HTTPResponse.refusal(503, #"{"error":"Busy","detail":"later"}"#),
            HTTPResponse.refusal(503, #"{"error":"Busy","detail":"later"}"#),
            HTTPResponse.refusal(403, #"{"error":"OtherKey","detail":"known by another key"}"#),
        ]
        let sink = try await PlayedSink(on: loop) { post, number in
            number <= refusals.count
                ? refusals[number - 1] : HTTPResponse.acknowledging(post.sequences.last ?? 0)
        }
        try await run(shipper(of: log, to: sink)) { log.spool.acknowledged == log.lastSigned }
        let times = sink.posts.map(\.time)
        try #require(times.count == 4)
        // A fifth less than what is waited for, at least.
        for (index, wait) in [200, 400, 800].enumerated() {
            #expect(times[index + 1] - times[index] >= .milliseconds(wait))
        }
        let lines = captured.lines
        try #require(lines.count == 3)
        #expect(lines[0].hasPrefix("warning audit sink does not take the log detail=later error=Busy "))
        #expect(lines[1].hasPrefix("warning audit sink does not take the log detail=known by another key "))
        #expect(lines[2].hasPrefix("notice audit sink is back "))
        try await sink.close()
    }

    @Test func `that the sink is ahead is told with what may have happened`() async throws {
        let log = try WrittenLog(in: folder)
        try log.record()
        let sink = try await PlayedSink(on: loop) { _, _ in HTTPResponse.acknowledging(99) }
        try await run(shipper(of: log, to: sink)) { !captured.lines.isEmpty }
        let line = try #require(captured.lines.first)
        #expect(line.contains("error=Ahead"))
        #expect(line.contains("of clinic through 99 that are not here"))
        try await sink.close()
    }

    @Test func `an end while the sink is silent is no failure`() async throws {
        let log = try WrittenLog(in: folder)
        try log.record()
        let sink = try await PlayedSink(on: loop) { _, _ in nil }
        let shipper = shipper(of: log, to: sink)
        #expect(shipper.isSinkAvailable)
        try await run(shipper) { !sink.posts.isEmpty }
        #expect(sink.posts.count == 1)
        #expect(captured.lines == [])
        try await sink.close()
    }
}
