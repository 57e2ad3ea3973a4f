/// A version of the frontend/backend protocol.
package struct ProtocolVersion: Equatable, Comparable, Hashable, Sendable {
    package let major: UInt16
    package let minor: UInt16

    package init(major: UInt16, minor: UInt16) {
        self.major = major
        self.minor = minor
    }

    package init(rawValue: UInt32) {
        major = UInt16(truncatingIfNeeded: rawValue >> 16)
        minor = UInt16(truncatingIfNeeded: rawValue)
    }

    /// As in the startup packet: the major number in the upper half.
    package var rawValue: UInt32 { UInt32(major) << 16 | UInt32(minor) }

    /// 3.0, PostgreSQL 7.4 and later.
    package static let oldest = Self(major: 3, minor: 0)
    /// 3.2, PostgreSQL 18 and later: cancel keys of up to 256 bytes. There is no 3.1.
    package static let newest = Self(major: 3, minor: 2)

    /// Whether cancel keys may be longer than four bytes.
    package var hasLongCancelKeys: Bool { self >= Self(major: 3, minor: 2) }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
