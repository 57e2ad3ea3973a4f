import API
import Testing

struct NotationTests {
    @Test(arguments: [
        ("5s", 5000 as Int64), ("30m", 1_800_000), ("24h", 86_400_000), ("250ms", 250), ("1h30m", 5_400_000),
        ("2s500ms", 2500), ("0s", 0), ("999999999h", 3_599_999_996_400_000),
    ])
    func `a duration is whole numbers with units`(text: String, milliseconds: Int64) {
        #expect(Duration(manifest: text) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "5", "s", "-5s", "+5s", "5 s", " 5s", "5s ", "1.5h", "5S", "5d", "5us", "30m1h", "5s5s", "5ms1s",
        "1000000000h", "٥s", "5s\u{301}",
    ])
    func `anything else is no duration`(text: String) {
        #expect(Duration(manifest: text) == nil)
    }

    @Test(arguments: ["0s", "250ms", "5s", "1m30s", "24h", "1h1m1s1ms"])
    func `a duration is written as it is read`(text: String) throws {
        #expect(try #require(Duration(manifest: text)).manifestText == text)
    }

    @Test func `a window has days, hours and a zone`() throws {
        let window = try TimeWindow("Mon-Wed,Sat 22:00-06:30 UTC-05:30")
        #expect(window.days == [.monday, .tuesday, .wednesday, .saturday])
        #expect(window.start == 1320)
        #expect(window.end == 390)
        #expect(window.offset == -330)
        #expect(try TimeWindow("Sat-Mon 00:00-24:00 UTC+14:00").days == [.saturday, .sunday, .monday])
    }

    @Test(arguments: [
        "", "Mon-Fri 09:00-17:00", "09:00-17:00 UTC", "Mon-Fri  09:00-17:00 UTC", "mon 09:00-17:00 UTC",
        "Mon-Tue-Wed 09:00-17:00 UTC", "Mon, 09:00-17:00 UTC", "- 09:00-17:00 UTC", "Mon 9:00-17:00 UTC",
        "Mon 09:00-24:01 UTC", "Mon 09:60-17:00 UTC", "Mon 24:00-17:00 UTC", "Mon 09:00-00:00 UTC",
        "Mon 09:00-09:00 UTC", "Mon 09:00 UTC", "Mon 09:00-17:00 CET", "Mon 09:00-17:00 UTC+15:00",
        "Mon 09:00-17:00 UTC-12:01", "Mon 09:00-17:00 UTC2", "Mon 09:00-17:00 +02:00",
    ])
    func `anything else is no window`(text: String) {
        #expect(throws: TimeWindow.Fault.self) { try TimeWindow(text) }
    }

    @Test(arguments: [
        (StringFormat.objectName, "clinic-db.v2", true), (.objectName, "Clinic", false),
        (.objectName, "a..b", false),
        (.objectName, "-a", false), (.objectName, String(repeating: "a", count: 63), true),
        (.objectName, String(repeating: "a", count: 64), false), (.label, "a.b", false), (.label, "", false),
        (.dataKey, "tls.crt", true), (.dataKey, "..", false), (.dataKey, "../x", false),
        (.dataKey, "a/b", false),
        (.environmentVariable, "PG_HOST", true), (.environmentVariable, "1A", false),
        (.environmentVariable, "A-B", false), (.socketPath, "/run/db.sock", true),
        (.socketPath, "run/db", false),
        (.socketPath, "/a/../b", false), (.socketPath, "/" + String(repeating: "a", count: 106), true),
        (.socketPath, "/" + String(repeating: "a", count: 107), false), (.qualifiedName, "public.f", true),
        (.qualifiedName, "f", false), (.qualifiedName, "a.b.c", false), (.qualifiedName, ".f", false),
        (.host, "db.internal", true), (.host, "::1", true), (.host, "db name", false), (.host, "a/b", false),
        (.nonEmpty, "", false), (.any, "", true), (.any, "a\nb", false), (.any, "a\u{0}", false),
        (.any, String(repeating: "a", count: StringFormat.maximumLength), true),
        (.any, String(repeating: "a", count: StringFormat.maximumLength + 1), false),
    ])
    func `a string is checked against its format`(format: StringFormat, text: String, isRight: Bool) {
        #expect((format.fault(in: text) == nil) == isRight)
    }
}
