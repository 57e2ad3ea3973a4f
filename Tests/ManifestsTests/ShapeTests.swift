import API
import Testing

@testable import Manifests

struct ShapeTests {
    private func read(_ text: String) throws -> ManifestSet {
        try ManifestSet.read([ManifestFile(path: "f.yaml", bytes: Array(text.utf8))])
    }

    @Test func `every field of a connection is read`() throws {
        let connection = try #require(try read(Samples.complete).connections.first)
        let spec = connection.spec
        #expect(spec.upstream.hosts == [.init(host: "db.internal", port: 5433)])
        #expect(spec.upstream.tls.serverName == "db")
        #expect(spec.upstream.tls.caConfigMapRef == ConfigMapKeyReference(name: "ca", key: "root.crt"))
        #expect(spec.upstream.connectTimeout == .milliseconds(2500))
        guard case .secret(let secret) = spec.credentials else {
            Issue.record("no secret")
            return
        }
        #expect([secret.name, secret.usernameKey, secret.passwordKey] == ["clinic-db", "u", "p"])
        #expect(spec.podSelector.matchExpressions == [.init(key: "tier", operator: .notIn, values: ["test"])])
        #expect(spec.bastion.enabled)
        #expect(spec.listen.port == 25432)
        #expect(spec.listen.unixSocketPath == "/weir/clinic.sock")
        #expect(spec.listen.env.url == "DATABASE_URL")
        #expect(spec.listen.containers == ["app"])
        #expect(!spec.identity.workload)
        #expect(spec.identity.issuers.map(\.claims) == [["repository": "clinic"]])
        #expect(spec.sidecar.mode == .native)
        #expect(!spec.sidecar.holdApplication)
        #expect(spec.sidecar.resources.limits == ["memory": "64Mi"])
        #expect(spec.sidecar.drainTimeout == .seconds(60))
        #expect(spec.sidecar.logLevel == .debug)
        #expect(spec.failureMode.configStale == .deny)
        #expect(spec.failureMode.maxStaleness == .seconds(3600))
        #expect(spec.failureMode.auditUnavailable == .deny)
        #expect(spec.failureMode.auditBufferBytes == 1 << 20)
        #expect(spec.recording.statements == .redacted)
        #expect(spec.recording.parameters == .none)
        #expect(spec.rollout.strategy == .onDelete)
        #expect(spec.rollout.maxUnavailable == 2)
        #expect(spec.rollout.paused)
        #expect(spec.hiddenCode == .pass)
        #expect(spec.session.idleTimeout == .seconds(600))
        #expect(spec.session.idleInTransactionTimeout == .seconds(30))
        #expect(spec.session.maximumDuration == .seconds(8 * 3600))
        #expect(spec.session.replication == .allow)
        #expect(spec.session.unparsedStatements == .pass)
        #expect(spec.trustedFunctions == ["public.age_in_years"])
    }

    @Test func `what a connection leaves out has its default`() throws {
        let spec = try #require(try read(Samples.connection).connections.first?.spec)
        #expect(spec.upstream.hosts == [.init(host: "db", port: 5432)])
        #expect(spec.upstream.tls.mode == .verifyFull)
        #expect(spec.upstream.connectTimeout == .seconds(5))
        #expect(spec.credentials == .central)
        #expect(spec.identity.workload)
        #expect(spec.failureMode.auditUnavailable == .buffer)
        #expect(spec.failureMode.auditBufferBytes == 67_108_864)
        #expect(spec.failureMode.maxStaleness == .seconds(86_400))
        #expect(spec.recording.statements == .full)
        #expect(spec.recording.parameters == .redacted)
        #expect(spec.sidecar.drainTimeout == .seconds(20))
        #expect(spec.rollout.maxUnavailable == 1)
        #expect(spec.hiddenCode == .refuse)
        #expect(spec.session.idleTimeout == nil)
        #expect(spec.session.idleInTransactionTimeout == nil)
        #expect(spec.session.maximumDuration == nil)
        #expect(spec.session.replication == .refuse)
        #expect(spec.session.unparsedStatements == .refuse)
        #expect(spec.trustedFunctions.isEmpty)
    }

    @Test func `every masking action is read`() throws {
        let policy = try #require(try read(Samples.complete).maskingPolicies.first)
        #expect(policy.spec.priority == 700)
        #expect(policy.spec.mode == .dryRun)
        #expect(policy.spec.unmatched == .mask)
        #expect(policy.spec.subjects.workloads == ["apps/api"])
        #expect(policy.spec.targets.connectionSelector?.matchLabels == ["tier": "gold"])
        let first = policy.spec.rules[0]
        #expect(first.allowPredicates)
        #expect(first.exceptSubjects.groups == ["privacy-office"])
        #expect(first.match.dataTypes == [.ssn])
        #expect(
            policy.spec.rules.map(\.action) == [
                .partial(keepFirst: 1, keepLast: 4, maskCharacter: "#"), .null,
                .hash(key: SecretKeyReference(name: "keys", key: "k")), .tokenize(key: nil),
                .generalize(.ageBand(width: 5)), .generalize(.zip3), .generalize(.year),
                .dateShift(maximumDays: 30, key: nil), .denyQuery,
            ])
    }

    @Test func `a policy hides identifiers no rule names unless it says otherwise`() throws {
        let policy = try #require(try read(Samples.all).maskingPolicies.first)
        #expect(policy.spec.unmatched == .identifiers)
        #expect(policy.spec.mode == .enforce)
        #expect(policy.spec.priority == 500)
        #expect(!policy.spec.rules[0].allowPredicates)
    }

    @Test func `every field of a rule is read`() throws {
        let set = try read(Samples.complete)
        let spec = try #require(set.approvalRules.first?.spec)
        #expect(spec.match.statements == [.delete, .update, .drop, .truncate])
        #expect(spec.match.tables == ["*"])
        #expect(spec.match.columns == ["ssn"])
        #expect(spec.match.withoutWhere)
        #expect(spec.match.estimatedRowsAtLeast == 1000)
        #expect(spec.match.outsideWindow?.start == 540)
        #expect(spec.effect == .requireApproval)
        #expect(spec.approval?.required == 2)
        #expect(spec.approval?.approvers.groups == ["dba"])
        #expect(spec.approval?.requestTTL == .seconds(900))
        #expect(spec.approval?.notify.map(\.webhookSecretRef.key) == ["url"])
        #expect(spec.grant.type == .timeBox)
        #expect(spec.grant.duration == .seconds(600))
        #expect(spec.whileWaiting == .reject)
        #expect(set.warnings.isEmpty)
    }
}
