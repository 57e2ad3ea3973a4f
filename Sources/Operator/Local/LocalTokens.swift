import API
import Cryptography

/// Who may speak to an operator without a cluster: a folder `gateways` and a folder `people`, each with a file for a
/// name that holds its token. They are read for each request.
struct LocalTokens: Sendable {
    /// Shortest token taken, in bytes.
    static let minimumLength = 16

    let folder: String
    /// Of the people, by name.
    let groups: [String: [String]]

    /// - Returns: `nil` for a token that is nobody's.
    func gateway(_ token: String) -> String? { owner(of: token, in: "gateways") }

    /// - Returns: `nil` for a token that is nobody's.
    func person(_ token: String) -> ApprovalRequest.Approver? {
        owner(of: token, in: "people").map {
            ApprovalRequest.Approver(username: $0, groups: groups[$0] ?? [])
        }
    }

    /// Everybody who has a token, with their groups.
    var people: [String: [String]] {
        guard let files = try? LocalFolder.files(in: folder + "/people") else { return [:] }
        return Dictionary(files.map { ($0.name, groups[$0.name] ?? []) }) { first, _ in first }
    }

    private func owner(of token: String, in part: String) -> String? {
        let shown = Array(token.utf8)
        guard shown.count >= Self.minimumLength,
            let files = try? LocalFolder.files(in: folder + "/" + part)
        else { return nil }
        // All are compared, so that the time tells nothing of which it was.
        var owner: String?
        for (name, bytes) in files {
            let known = bytes.filter { !$0.isWhitespace }
            if known.count >= Self.minimumLength, ConstantTime.isEqual(known, shown) { owner = name }
        }
        return owner
    }
}

extension UInt8 {
    fileprivate var isWhitespace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
