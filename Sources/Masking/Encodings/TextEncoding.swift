/// A character set of PostgreSQL (documentation, section 24.3), by which texts are sent or kept.
///
/// All of them have ASCII as ASCII: a text without a byte of 0x80 or above is the same in each.
package struct TextEncoding: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case utf8
        /// No encoding: bytes are what the other side takes them for.
        case bytes
        /// One byte a character; the gateway has its table.
        case singleByte
        /// Characters of several bytes, all of them of 0x80 or above.
        case multiByte
        /// Characters whose later bytes may be ASCII's (`PG_ENCODING_IS_CLIENT_ONLY`).
        case embedsASCII
        /// Not one of PostgreSQL's.
        case unknown
    }

    /// As PostgreSQL reports it.
    package let name: String
    package let kind: Kind

    package static let utf8 = Self(named: "UTF8")

    /// - Parameter name: in any spelling the server takes (`pg_char_to_encoding`): case and punctuation do not count.
    package init(named name: String) {
        let key = String(
            decoding: name.utf8.compactMap { byte -> UInt8? in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 0x20
                default: nil
                }
            }, as: UTF8.self)
        let own = Self.aliases[key] ?? key.uppercased()
        switch own {
        case "UTF8": kind = .utf8
        case "SQL_ASCII": kind = .bytes
        case "EUC_JP", "EUC_CN", "EUC_KR", "EUC_TW", "EUC_JIS_2004", "MULE_INTERNAL": kind = .multiByte
        case "SJIS", "BIG5", "GBK", "UHC", "GB18030", "JOHAB", "SHIFT_JIS_2004": kind = .embedsASCII
        default: kind = Self.upperHalves[own] == nil ? .unknown : .singleByte
        }
        self.name = kind == .unknown ? name : own
    }

    /// `pg_encname_tbl` (`encnames.c`), without the names that are an encoding's own in small letters.
    private static let aliases: [String: String] = [
        "sqlascii": "SQL_ASCII", "unicode": "UTF8", "eucjp": "EUC_JP", "euccn": "EUC_CN", "euckr": "EUC_KR",
        "euctw": "EUC_TW", "eucjis2004": "EUC_JIS_2004", "muleinternal": "MULE_INTERNAL", "mskanji": "SJIS",
        "shiftjis": "SJIS", "win932": "SJIS", "windows932": "SJIS", "shiftjis2004": "SHIFT_JIS_2004",
        "win950": "BIG5", "windows950": "BIG5", "win936": "GBK", "windows936": "GBK", "win949": "UHC",
        "windows949": "UHC", "iso88591": "LATIN1", "iso88592": "LATIN2", "iso88593": "LATIN3",
        "iso88594": "LATIN4", "iso88599": "LATIN5", "iso885910": "LATIN6", "iso885913": "LATIN7",
        "iso885914": "LATIN8", "iso885915": "LATIN9", "iso885916": "LATIN10", "iso88595": "ISO_8859_5",
        "iso88596": "ISO_8859_6", "iso88597": "ISO_8859_7", "iso88598": "ISO_8859_8", "koi8": "KOI8R",
        "abc": "WIN1258", "tcvn": "WIN1258", "tcvn5712": "WIN1258", "vscii": "WIN1258", "alt": "WIN866",
        "win": "WIN1251", "windows866": "WIN866", "windows874": "WIN874", "windows1250": "WIN1250",
        "windows1251": "WIN1251", "windows1252": "WIN1252", "windows1253": "WIN1253",
        "windows1254": "WIN1254", "windows1255": "WIN1255", "windows1256": "WIN1256",
        "windows1257": "WIN1257", "windows1258": "WIN1258",
    ]
}
