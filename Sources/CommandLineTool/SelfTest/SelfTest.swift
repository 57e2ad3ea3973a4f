/// Plays every attack around the gateway, and what works there through it.
final class SelfTest {
    private let administrator: UpstreamSession
    private let canary: Canary
    private let role: String
    private let around: () async throws -> ByteChannel
    private let through: () async throws -> ByteChannel
    /// The scratch schema is not as it was made.
    private var isSpoilt = false

    /// The scratch schema is there. `around` and `through` open sessions as the gateway's role and through the gateway.
    init(
        administrator: UpstreamSession, canary: Canary, role: String,
        around: @escaping () async throws -> ByteChannel, through: @escaping () async throws -> ByteChannel
    ) {
        self.administrator = administrator
        self.canary = canary
        self.role = role
        self.around = around
        self.through = through
    }

    /// One after the other.
    func outcomes(of attacks: [Attack]) async throws -> [SelfTestReport.Outcome] {
        var outcomes: [SelfTestReport.Outcome] = []
        for attack in attacks { outcomes.append(try await outcome(of: attack)) }
        return outcomes
    }

    private func outcome(of attack: Attack) async throws -> SelfTestReport.Outcome {
        var paths: [String: SelfTestReport.Result] = [:]
        var found: String?
        for path in AttackPath.allCases {
            guard try await gain(of: attack, by: path, on: around) != nil else {
                paths[path.rawValue] = .notApplicable
                continue
            }
            let gain = try await gain(of: attack, by: path, on: through)
            paths[path.rawValue] = gain == nil ? .held : .leaked
            found = found ?? gain
        }
        let result =
            [SelfTestReport.Result.leaked, .held].first { paths.values.contains($0) } ?? .notApplicable
        return SelfTestReport.Outcome(
            class: attack.class.rawValue, name: attack.name, result: result, paths: paths, found: found)
    }

    /// - Returns: what the attack got; `nil` when that was nothing.
    private func gain(
        of attack: Attack, by path: AttackPath, on open: () async throws -> ByteChannel
    ) async throws -> String? {
        if isSpoilt { try await ScratchSchema.make(with: canary, for: role, by: administrator) }
        isSpoilt = attack.changesData
        let play = try await AttackPlay(attack, by: path, on: open())
        switch attack.goal {
        case .value: return play.finds(canary)
        case .answer: return play.isAnswered ? "an answer" : nil
        case .damage(let query, let result): return try await isSeen(query, result) ? "damage" : nil
        }
    }

    /// What can no longer be asked for is damaged as well.
    private func isSeen(_ query: String, _ result: String) async throws -> Bool {
        do {
            return try await administrator.rows(of: query).first?.first == result
        } catch DatabaseFault.refused {
            return true
        }
    }
}
