/// Manifests that are right, to be varied by tests.
enum Samples {
    static let connection = """
        apiVersion: weir.dev/v1alpha1
        kind: DatabaseConnection
        metadata: {name: clinic, labels: {tier: gold}}
        spec:
          protocol: postgres
          upstream: {host: db, database: clinic}
          credentials: {type: Central}
          podSelector: {matchLabels: {app: clinic-api}}
          listen: {port: 15432}
        """

    static let policy = """
        apiVersion: weir.dev/v1alpha1
        kind: MaskingPolicy
        metadata: {name: patients}
        spec:
          targets: {connectionNames: [clinic]}
          rules:
          - name: phi
            match: {tables: [patients], columns: [ssn]}
            action: {type: Redact}
        """

    static let rule = """
        apiVersion: weir.dev/v1alpha1
        kind: ApprovalRule
        metadata: {name: no-destruction}
        spec:
          targets: {connectionNames: [clinic]}
          match: {statements: [Drop]}
          effect: Deny
        """

    static let all = [connection, policy, rule].joined(separator: "\n---\n")

    /// Every field of every kind, none with its default.
    static let complete = """
        apiVersion: weir.dev/v1alpha1
        kind: DatabaseConnection
        metadata:
          name: clinic
          namespace: apps
          labels: {tier: gold}
          annotations: {note: "10\\n"}
          uid: 0f6c
          resourceVersion: "17"
          creationTimestamp: 2026-01-01T00:00:00Z
        spec:
          protocol: postgres
          upstream:
            host: db.internal
            port: 5433
            database: clinic
            tls: {mode: VerifyCA, serverName: db, caConfigMapRef: {name: ca, key: root.crt}}
            connectTimeout: 2s500ms
          credentials: {type: SecretRef, secretRef: {name: clinic-db, usernameKey: u, passwordKey: p}}
          podSelector:
            matchLabels: {app: clinic-api}
            matchExpressions: [{key: tier, operator: NotIn, values: [test]}]
          bastion: {enabled: true}
          listen:
            port: 25432
            unixSocketPath: /weir/clinic.sock
            env: {host: PGHOST, port: PGPORT, url: DATABASE_URL}
            containers: [app]
          identity:
            workload: false
            issuers: [{issuer: "https://id.example", audience: weir, claims: {repository: clinic}}]
            required: true
          sidecar:
            mode: Native
            holdApplication: false
            resources: {requests: {cpu: 50m}, limits: {memory: 64Mi}}
            drainTimeout: 1m
            logLevel: debug
          failureMode: {configStale: Deny, maxStaleness: 1h, auditUnavailable: Deny, auditBufferBytes: 1048576}
          recording: {statements: Redacted, parameters: None, results: None}
          rollout: {strategy: OnDelete, maxUnavailable: 2, paused: true}
          hiddenCode: Pass
          session:
            idleTimeout: 10m
            idleInTransactionTimeout: 30s
            maximumDuration: 8h
            replication: Allow
            unparsedStatements: Pass
          trustedFunctions: [public.age_in_years]
        status: {anything: [goes]}
        ---
        apiVersion: weir.dev/v1alpha1
        kind: MaskingPolicy
        metadata: {name: patients, namespace: apps}
        spec:
          priority: 700
          mode: DryRun
          targets: {connectionSelector: {matchLabels: {tier: gold}}}
          subjects: {users: [ann], groups: [staff], workloads: [apps/api]}
          rules:
          - name: partial
            match: {schemas: [public], tables: ["pat*"], columns: [ssn], dataTypes: [SSN]}
            action: {type: Partial, partial: {keepFirst: 1, keepLast: 4, maskCharacter: "#"}}
            allowPredicates: true
            exceptSubjects: {groups: [privacy-office]}
          - {name: nothing, match: {columns: [a]}, action: {type: "Null"}}
          - {name: hash, match: {columns: [b]}, action: {type: Hash, hash: {keySecretRef: {name: keys, key: k}}}}
          - {name: tokenize, match: {columns: [c]}, action: {type: Tokenize}}
          - {name: age, match: {columns: [d]}, action: {type: Generalize, generalize: {to: AgeBand, width: 5}}}
          - {name: zip, match: {columns: [e]}, action: {type: Generalize, generalize: {to: ZIP3}}}
          - {name: year, match: {columns: [f]}, action: {type: Generalize, generalize: {to: Year}}}
          - {name: shift, match: {columns: [g]}, action: {type: DateShift, dateShift: {maximumDays: 30}}}
          - {name: never, match: {columns: [h]}, action: {type: DenyQuery}}
          unmatched: Mask
        ---
        apiVersion: weir.dev/v1alpha1
        kind: ApprovalRule
        metadata: {name: destruction, namespace: apps}
        spec:
          priority: 900
          mode: DryRun
          targets: {connectionNames: [clinic]}
          subjects: {users: [bob]}
          match:
            statements: [Delete, Update, Drop, Truncate]
            tables: ["*"]
            columns: [ssn]
            withoutWhere: true
            estimatedRowsAtLeast: 1000
            outside: {window: "Mon-Fri 09:00-17:00 UTC"}
          effect: RequireApproval
          approval:
            required: 2
            allowSelfApproval: true
            approvers: {users: [cat], groups: [dba]}
            requestTTL: 15m
            requireReason: true
            notify: [{webhookSecretRef: {name: hook}}]
          grant: {type: TimeBox, duration: 10m}
          whileWaiting: Reject
        """
}
