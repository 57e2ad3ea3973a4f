import Kubernetes
import Testing

@testable import ClusterModel

struct RuleTests {
    private func value(_ text: String, _ names: [String: RuleValue] = [:]) throws -> RuleValue {
        try RuleEvaluation(names: names).value(of: RuleParser.parse(text))
    }

    @Test(arguments: [
        ("1 + 2 * 3 == 7", true), ("(1 + 2) * 3 == 9", true), ("7 / 2 == 3 && 7 % 2 == 1", true),
        ("'a' + \"b\" == 'ab'", true), ("!(1 < 2)", false), ("-1 < 0", true), ("'b' in ['a', 'b']", true),
        ("true ? false : true", false),
        ("size('é') == 1 && size(bytes('é')) == 2", true),
        ("'abc'.startsWith('ab') && 'abc'.endsWith('bc')", true),
        ("'a/../b'.matches('(^|/)[.][.](/|$)')", true), ("'a/..b'.matches('(^|/)[.][.](/|$)')", false),
        ("duration('1h30m') == duration('90m')", true), ("duration('250ms') < duration('1s')", true),
        ("'09:00-17:00'.substring('09:00-17:00'.indexOf('-') + 1) == '17:00'", true),
        ("[1, 2, 3].all(x, x > 0) && [1, 2].exists(x, x == 2) && [1, 1].exists_one(x, x == 1)", false),
        ("string(15432).size() == 5", true), ("'a' in {}", false),
    ])
    func `an expression is worth what the language says`(text: String, expected: Bool) throws {
        #expect(try value(text) == .bool(expected))
    }

    @Test func `has tells of fields, also of those whose names are words of the language`() throws {
        let names = ["self": RuleValue(["namespace": "apps"])]
        #expect(try value("has(self.__namespace__) && self.__namespace__ == 'apps'", names) == .bool(true))
        #expect(try value("has(self.name)", names) == .bool(false))
    }

    @Test(arguments: [
        ("has(self.name)", RuleValue.null), ("has(self.metadata.name)", .null),
        ("has(self.metadata.name)", .map([:])),
    ])
    func `has does not tell of null, and not of a field of what is missing`(
        text: String, object: RuleValue
    ) {
        #expect(throws: RuleError.self) { try value(text, ["self": object]) }
    }

    @Test func `one side of an alternative may have no result when the other decides`() throws {
        let names = ["self": RuleValue([:])]
        #expect(try value("self.a == 1 || true", names) == .bool(true))
        #expect(try value("self.a == 1 && false", names) == .bool(false))
        #expect(throws: RuleError.self) { try value("self.a == 1 || false", names) }
    }

    @Test(arguments: ["", "1 +", "(1", "[1", "'a", "a.", "1 2", "#"])
    func `what is no expression is refused`(text: String) {
        #expect(throws: RuleSyntaxError.self) { try RuleParser.parse(text) }
    }
}
