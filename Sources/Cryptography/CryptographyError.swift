import COpenSSL

/// Why a primitive of this target could not do its work.
package enum CryptographyError: Error, Equatable {
    /// The library refused `function`; `reason` is its own constant text, free of keys and data.
    case library(function: String, reason: String)
    /// A key, signature or encoding that does not have the shape its specification asks for.
    case malformed(String)

    /// The newest error of this thread's queue, which is emptied.
    static func last(in function: String) -> Self {
        .library(function: function, reason: takeLastReason())
    }

    /// Empties this thread's error queue and returns the newest reason; a constant text of the library's.
    static func takeLastReason() -> String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return "unknown" }
        return unsafe String(cString: text)
    }
}
