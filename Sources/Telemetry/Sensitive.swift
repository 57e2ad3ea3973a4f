/// A statement, a row or a secret on its way to a log line: it prints as `‹redacted›`, whatever it holds.
package struct Sensitive<Value>: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let value: Value

    package init(_ value: Value) { self.value = value }

    package var description: String { "‹redacted›" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Sensitive: Sendable where Value: Sendable {}
