import API
import ArgumentParser
import Audit

/// A session identifier on the command line.
struct SessionArgument: ParsableArguments {
    @Argument(help: "The session: 32 hexadecimal digits, as weirctl sessions list prints them.")
    var session: String

    /// - Throws: `ValidationError`.
    func identifier() throws -> SessionID {
        try Self.identifier(session)
    }

    static func identifier(_ text: String) throws -> SessionID {
        guard let identifier = SessionID(hexadecimal: text) else {
            throw ValidationError(
                "\"\(TerminalText.escaped(text))\" is no session: expected 32 hexadecimal digits")
        }
        return identifier
    }
}
