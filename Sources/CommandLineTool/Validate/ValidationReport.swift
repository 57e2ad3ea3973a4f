import API
import FoundationEssentials
import Gateway
import Manifests

/// What `weirctl validate` has found, and how it is printed.
struct ValidationReport {
    enum Format: String, CaseIterable {
        case table
        case json
    }

    private let outcome: Result<ManifestSet, ManifestFaults>

    /// `secrets` is the path of a folder of secrets, where it is known.
    init(folder: String, namespace: String?, platformNamespace: String, secrets: String? = nil) {
        do throws(ManifestFaults) {
            var manifests = try ManifestSet.load(
                folder: folder, namespace: namespace, platformNamespace: platformNamespace)
            if let secrets { manifests.warnings += Self.warnings(about: manifests.connections, secrets) }
            outcome = .success(manifests)
        } catch {
            outcome = .failure(error)
        }
    }

    /// What keeps gateways from logging in to databases.
    private static func warnings(
        about connections: [DatabaseConnection], _ secrets: String
    ) -> [ManifestFault] {
        connections.flatMap { connection in
            DatabaseAccess(to: connection, secrets: secrets).secretFaults().map { fault in
                ManifestFault(
                    at: ManifestPosition(file: secrets, line: 0, column: 0),
                    "DatabaseConnection \(connection.metadata.qualifiedName): \(fault)")
            }
        }
    }

    var isValid: Bool {
        switch outcome {
        case .success: true
        case .failure: false
        }
    }

    /// Lines, each ended.
    func text(as format: Format) -> String {
        switch format {
        case .table: table
        case .json: json
        }
    }

    // MARK: - For people

    private var table: String {
        switch outcome {
        case .failure(let faults):
            let count = faults.faults.count
            return "\(faults)\n\(count) \(count == 1 ? "fault" : "faults")\n"
        case .success(let manifests):
            let rows = [["KIND", "NAME", "SUMMARY"]] + Self.objects(of: manifests).map(\.row)
            let widths = (0..<2).map { column in rows.map { $0[column].count }.max() ?? 0 }
            let lines = rows.map { row in
                zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count + 2) }.joined()
                    + row[2]
            }
            let warnings = manifests.warnings.map { "warning: \($0)" }
            return (warnings + lines + ["revision \(manifests.revision)"]).joined(separator: "\n") + "\n"
        }
    }

    // MARK: - For programs

    private struct Document: Encodable {
        var valid: Bool
        var revision: String?
        var faults: [Fault]
        var warnings: [Fault]
        var objects: [Object]
    }

    private struct Fault: Encodable {
        var file: String
        var line: Int
        var column: Int
        var field: String
        var message: String

        init(_ fault: ManifestFault) {
            file = fault.position.file
            line = fault.position.line
            column = fault.position.column
            field = fault.field
            message = fault.message
        }
    }

    private struct Object: Encodable {
        var kind: String
        var namespace: String
        var name: String
        var summary: String

        init(_ kind: ResourceKind, _ metadata: ObjectMetadata, _ summary: String) {
            self.kind = kind.rawValue
            namespace = metadata.namespace
            name = metadata.name
            self.summary = summary
        }

        var row: [String] { [kind, "\(namespace)/\(name)", summary] }
    }

    private var json: String {
        let document =
            switch outcome {
            case .failure(let faults):
                Document(
                    valid: false, revision: nil, faults: faults.faults.map(Fault.init), warnings: [],
                    objects: [])
            case .success(let manifests):
                Document(
                    valid: true, revision: manifests.revision, faults: [],
                    warnings: manifests.warnings.map(Fault.init), objects: Self.objects(of: manifests))
            }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Strings, numbers and booleans always have a form in JSON.
        return (try? encoder.encode(document)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? ""
    }

    private static func objects(of manifests: ManifestSet) -> [Object] {
        manifests.connections.map { connection in
            let (upstream, listen) = (connection.spec.upstream, connection.spec.listen)
            let database = upstream.database.map { "/\($0)" } ?? ""
            let hosts = upstream.hosts.map { "\($0.host):\($0.port)" }.joined(separator: ",")
            let summary = "\(connection.spec.protocol.rawValue) :\(listen.port) -> \(hosts)\(database)"
            return Object(.databaseConnection, connection.metadata, summary)
        }
            + manifests.maskingPolicies.map { policy in
                let spec = policy.spec
                let rules = spec.rules.map { "\($0.name)=\($0.action.name)" }.joined(separator: " ")
                return Object(.maskingPolicy, policy.metadata, "\(mode(spec.mode))\(rules)")
            }
            + manifests.approvalRules.map { rule in
                let kinds = rule.spec.match.statements.map(\.rawValue).joined(separator: ",")
                let summary =
                    "\(mode(rule.spec.mode))\(rule.spec.effect.rawValue) \(kinds.isEmpty ? "*" : kinds)"
                return Object(.approvalRule, rule.metadata, summary)
            }
    }

    private static func mode(_ mode: PolicyMode) -> String {
        mode == .dryRun ? "(dry run) " : ""
    }
}
