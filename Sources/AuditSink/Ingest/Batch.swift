package import Audit

/// What a gateway sent: records of its chain without gaps, the last of them a head that signs the others.
package struct Batch: Sendable {
    package struct Item: Sendable {
        /// Without its line feed.
        package let line: [UInt8]
        package let record: Record
    }

    package let items: [Item]

    /// Longest body of a request, in bytes. A gateway sends at most 1 MiB, or one run of records up to a head.
    package static let maximumLength = 4 << 20

    /// Reads a body. It needs no trust: any bytes may be given.
    package init(_ body: [UInt8]) throws(BatchFault) {
        guard body.count <= Self.maximumLength else { throw .tooLong }
        guard body.last == UInt8(ascii: "\n") else { throw .unfinished }
        var items: [Item] = []
        for line in body.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let line = Array(line)
            let record: Record
            do { record = try RecordDecoder(line).record() } catch { throw .record(items.count, error) }
            if let last = items.last?.record.sequence, record.sequence != last + 1 {
                throw .gap(after: last)
            }
            if case .sink = record.content { throw .foreign(items.count) }
            items.append(Item(line: line, record: record))
        }
        guard case .head? = items.last?.record.content else { throw .unsigned }
        self.items = items
    }
}

/// Why a body is no batch.
package enum BatchFault: Error, Sendable, Equatable {
    case tooLong
    /// It does not end with a line feed, or is empty.
    case unfinished
    /// Line `index`, counted from 0, is no record.
    case record(Int, RecordFault)
    /// A record of a type that only the sink writes.
    case foreign(Int)
    /// Within the body, the record after this one is not the next.
    case gap(after: UInt64)
    /// Its last record is no head: nothing proves whose records these are.
    case unsigned
}
