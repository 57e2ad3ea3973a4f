import API
import Testing

@testable import Manifests

struct ManifestSetTests {
    @Test
    func `the catalogue's manifest gives a connection, a policy and a rule`() throws {
        let text = """
            # One governed table.
            apiVersion: weir.dev/v1alpha1
            kind: DatabaseConnection
            metadata: {name: clinic, namespace: default}
            spec:
              protocol: postgres
              upstream: {host: 127.0.0.1, port: 5432, database: postgres, tls: {mode: Disable}}
              credentials: {type: SecretRef, secretRef: {name: clinic-db}}
              podSelector: {matchLabels: {app: clinic-api}}
              listen: {port: 15432}
            ---
            apiVersion: weir.dev/v1alpha1
            kind: MaskingPolicy
            metadata: {name: patients, namespace: default}
            spec:
              targets: {connectionNames: [clinic]}
              rules:
              - name: phi
                match: {schemas: [public], tables: [patients], columns: [name, ssn, dob, phone, email]}
                action: {type: Redact}
            ---
            apiVersion: weir.dev/v1alpha1
            kind: ApprovalRule
            metadata: {name: no-destruction, namespace: default}
            spec:
              targets: {connectionNames: [clinic]}
              match: {statements: [Delete, Drop, Truncate]}
              effect: Deny
            """
        let set = try ManifestSet.read([ManifestFile(path: "clinic.yaml", bytes: Array(text.utf8))])
        #expect(set.connections.map(\.metadata.qualifiedName) == ["default/clinic"])
        #expect(set.connections[0].spec.upstream.tls.mode == .disable)
        #expect(set.maskingPolicies[0].spec.rules[0].action == .redact)
        #expect(set.approvalRules[0].spec.match.statements == [.delete, .drop, .truncate])
        #expect(set.warnings.isEmpty)
        #expect(set.revision.count == 64)
    }
}
