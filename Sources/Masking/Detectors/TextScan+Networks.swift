import API

/// Electronic addresses.
extension TextScan {
    /// Longest local part (RFC 5321, section 4.5.3.1.1) and domain (4.5.3.1.2), in bytes.
    private static let localPartLimit = 64
    private static let domainLimit = 255
    /// Longest URL that is found whole, in bytes; ours.
    private static let urlLimit = 2048
    /// Longest path of an image that is found whole, in bytes; ours.
    private static let fileNameLimit = 96

    /// The address around an `@`: a dot-atom (RFC 5322, section 3.2.3) and a domain of at least two labels.
    mutating func findEmail(at sign: Int) -> Bool {
        guard kinds.contains(.email) else { return false }
        var start = sign
        while start > 0, sign - start < Self.localPartLimit, Self.isAtomByte(text[start - 1]) { start -= 1 }
        while start < sign, !text[start].isWordByte { start += 1 }
        guard start < sign, text[sign - 1] != UInt8(ascii: ".") else { return false }
        var end = sign + 1
        var lastDot = -1
        while end < count, end - sign <= Self.domainLimit {
            let byte = text[end]
            if byte == UInt8(ascii: ".") {
                guard text[end - 1].isWordByte, text[end + 1].isWordByte else { break }
                lastDot = end
            } else if !byte.isWordByte, byte != UInt8(ascii: "-") {
                break
            }
            end += 1
        }
        while end > sign, text[end - 1] == UInt8(ascii: "-") { end -= 1 }
        guard lastDot > sign + 1, end - lastDot > 2, text[lastDot + 1].isNameLetter else { return false }
        return find(.email, start..<end)
    }

    private static func isAtomByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "%"),
            UInt8(ascii: "'"), UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "^"),
            UInt8(ascii: "~"):
            true
        default: byte.isWordByte
        }
    }

    /// `scheme://...` (RFC 3986), read back from the colon.
    mutating func findURL(colonAt colon: Int) -> Bool {
        guard kinds.contains(.url), text[colon + 1] == UInt8(ascii: "/"), text[colon + 2] == UInt8(ascii: "/")
        else { return false }
        var start = colon
        while start > 0, colon - start < 12,
            text[start - 1].isWordByte || text[start - 1] == UInt8(ascii: "+")
        {
            start -= 1
        }
        guard start < colon, text[colon + 3].isWordByte || text[colon + 3] == UInt8(ascii: "[") else {
            return false
        }
        return find(.url, start..<endOfURL(from: colon + 3))
    }

    /// `www.`, without a scheme.
    mutating func findURL(wordAt start: Int, endingAt end: Int) -> Bool {
        guard end - start == 3, text[start].smallLetter == UInt8(ascii: "w"), kinds.contains(.url),
            text[start + 1].smallLetter == UInt8(ascii: "w"),
            text[start + 2].smallLetter == UInt8(ascii: "w"),
            text[end] == UInt8(ascii: "."), text[end + 1].isWordByte
        else { return false }
        return find(.url, start..<endOfURL(from: end + 1))
    }

    private func endOfURL(from start: Int) -> Int {
        var end = start
        while end < count, end - start < Self.urlLimit, text[end] > 0x20, text[end] != UInt8(ascii: "\""),
            text[end] != UInt8(ascii: "<"), text[end] != UInt8(ascii: ">"), text[end] != UInt8(ascii: "\\"),
            text[end] != UInt8(ascii: "|"), text[end] != UInt8(ascii: ";")
        {
            // A comma between two addresses or fields.
            if text[end] == UInt8(ascii: ","), !text[end + 1].isWordByte { break }
            end += 1
        }
        while end > start, Array(".,:!?)]}'*".utf8).contains(text[end - 1]) { end -= 1 }
        return end
    }

    /// A hardware address (six pairs of hexadecimal digits) or an IPv6 address that begins here.
    mutating func findNetwork(at start: Int) -> Bool {
        guard kinds.contains(.ipAddress) || kinds.contains(.device) else { return false }
        guard start == 0 || !text[start - 1].isWordByte else { return false }
        // Not in the middle of one, but behind a label's colon.
        guard
            start < 2 || text[start - 1] != UInt8(ascii: ":") || labelEnd == start - 1
                || text[start - 2].hexadecimalValue == nil
        else { return false }
        if let end = endOfHardwareAddress(from: start) { return find(.device, start..<end) }
        if let end = endOfIPv6(from: start) { return find(.ipAddress, start..<end) }
        return false
    }

    private func endOfHardwareAddress(from start: Int) -> Int? {
        let separator = text[start + 2]
        if separator == UInt8(ascii: ":") || separator == UInt8(ascii: "-") {
            guard start + 17 <= count else { return nil }
            for pair in 0..<6 {
                let at = start + 3 * pair
                guard text[at].hexadecimalValue != nil, text[at + 1].hexadecimalValue != nil,
                    pair == 5 || text[at + 2] == separator
                else { return nil }
            }
            return text[start + 17].isWordByte || text[start + 17] == separator ? nil : start + 17
        }
        guard start + 14 <= count, text[start + 4] == UInt8(ascii: "."), text[start + 9] == UInt8(ascii: ".")
        else { return nil }
        for at in 0..<14 where at != 4 && at != 9 {
            guard text[start + at].hexadecimalValue != nil else { return nil }
        }
        return text[start + 14].isWordByte ? nil : start + 14
    }

    /// RFC 4291, section 2.2: eight groups, or fewer with one `::`; a dotted IPv4 address may stand for the last two.
    private func endOfIPv6(from start: Int) -> Int? {
        var groups = 0
        var isCompressed = false
        var at = start
        if text[at] == UInt8(ascii: ":") {
            guard text[at + 1] == UInt8(ascii: ":"), text[at + 2].hexadecimalValue != nil else { return nil }
            isCompressed = true
            at += 2
        }
        while groups < 8 {
            var end = at
            while end < count, end - at < 5, text[end].hexadecimalValue != nil { end += 1 }
            guard end > at, end - at <= 4 else { break }
            if text[end] == UInt8(ascii: "."), groups >= 2 || isCompressed, let tail = endOfIPv4(from: at) {
                groups += 2
                at = tail
                break
            }
            groups += 1
            at = end
            guard text[at] == UInt8(ascii: ":") else { break }
            if text[at + 1] == UInt8(ascii: ":") {
                guard !isCompressed else { return nil }
                isCompressed = true
                at += 2
                guard text[at].hexadecimalValue != nil else { break }
            } else if text[at + 1].hexadecimalValue != nil {
                at += 1
            } else {
                break
            }
        }
        guard isCompressed ? groups >= 1 && groups < 8 : groups == 8 else { return nil }
        return text[at].isWordByte ? nil : at
    }

    /// Four octets; a fifth is none of an address.
    func endOfIPv4(from start: Int) -> Int? {
        var at = start
        for octet in 0..<4 {
            var value = 0
            let first = at
            while at - first < 4, text[at].isDigit {
                value = value * 10 + Int(text[at] - UInt8(ascii: "0"))
                at += 1
            }
            guard at > first, value <= 255 else { return nil }
            if octet < 3 {
                guard text[at] == UInt8(ascii: ".") else { return nil }
                at += 1
            }
        }
        let isLonger = text[at].isWordByte || text[at] == UInt8(ascii: ".") && text[at + 1].isDigit
        return isLonger ? nil : at
    }

    /// The name of an image file, or an image as a `data:` URL (RFC 2397).
    mutating func findImageFile(wordAt start: Int, endingAt end: Int) -> Bool {
        guard start > 1, text[start - 1] == UInt8(ascii: "."), !text[end].isWordByte,
            Self.imageEndings.contains(text[start..<end].map(\.smallLetter))
        else { return false }
        var first = start - 1
        while first > 0, start - first < Self.fileNameLimit, Self.isPathByte(text[first - 1]) { first -= 1 }
        guard first < start - 1 else { return false }
        return find(.photo, first..<end)
    }

    private static let imageEndings = Set(
        ["jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "heic", "webp"].map { Array($0.utf8) })

    private static func isPathByte(_ byte: UInt8) -> Bool {
        byte.isWordByte || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "~")
    }
}
