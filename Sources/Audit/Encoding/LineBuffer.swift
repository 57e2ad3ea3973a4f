/// Bytes that are written one after the other into room that is used again, without a check of who else has it.
///
/// The only owner of its memory; every write makes room for itself first.
@safe
struct LineBuffer: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    /// Room at first, in bytes.
    private static let initialCapacity = 1 << 10
    /// Most room kept for the next text, in bytes.
    private static let keptCapacity = 64 << 10

    init() {
        unsafe base = .allocate(capacity: Self.initialCapacity)
        capacity = Self.initialCapacity
    }

    deinit { unsafe base.deallocate() }

    mutating func removeAll() {
        count = 0
        if capacity > Self.keptCapacity { resize(to: Self.initialCapacity) }
    }

    /// Lends what has been written.
    func withBytes<Result, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let written = unsafe UnsafeBufferPointer(start: base, count: count)
        return try unsafe body(written.span)
    }

    // MARK: - Appending

    mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe base[count] = byte
        count += 1
    }

    mutating func append(_ text: StaticString) {
        unsafe append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append($0) }
    }

    /// In decimal digits, with leading zeros up to `width` of them.
    mutating func append(decimal value: UInt64, width: Int = 1) {
        reserve(Self.decimalLength)
        var length = width
        var bound = Self.powersOfTen[width]
        while value >= bound, length < Self.decimalLength {
            length += 1
            if length < Self.decimalLength { bound = Self.powersOfTen[length] }
        }
        var rest = value
        for position in stride(from: count + length - 1, through: count, by: -1) {
            unsafe base[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += length
    }

    /// In sixteen lower-case hexadecimal digits.
    mutating func append(hexadecimal value: UInt64) {
        reserve(16)
        for half in 0..<2 {
            let digits = Self.digits(of: UInt32(truncatingIfNeeded: value >> (half == 0 ? 32 : 0)))
            unsafe UnsafeMutableRawPointer(base + count).storeBytes(of: digits.bigEndian, as: UInt64.self)
            count += 8
        }
    }

    /// As many digits as `UInt64.max` has.
    private static let decimalLength = 20
    /// From 1 on, each ten times the one before, as far as they fit.
    private static let powersOfTen: [UInt64] = (1..<decimalLength).reduce(into: [1]) { powers, _ in
        powers.append(powers[powers.count - 1] * 10)
    }

    /// Eight ASCII digits, the first in the highest byte: each nibble gets a byte of its own, and those above nine move
    /// on to the letters.
    private static func digits(of value: UInt32) -> UInt64 {
        var nibbles = UInt64(value)
        nibbles = (nibbles | nibbles << 16) & 0x0000_ffff_0000_ffff
        nibbles = (nibbles | nibbles << 8) & 0x00ff_00ff_00ff_00ff
        nibbles = (nibbles | nibbles << 4) & 0x0f0f_0f0f_0f0f_0f0f
        let letters = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return nibbles + 0x3030_3030_3030_3030 + letters * UInt64(UInt8(ascii: "a") - UInt8(ascii: "0") - 10)
    }

    @inline(__always)
    private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        unsafe (base + count).update(from: source, count: bytes.count)
        count += bytes.count
    }

    // MARK: - Room

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity - count < more { resize(to: max(2 * capacity, count + more)) }
    }

    private mutating func resize(to newCapacity: Int) {
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
        unsafe larger.update(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = larger
        capacity = newCapacity
    }
}
