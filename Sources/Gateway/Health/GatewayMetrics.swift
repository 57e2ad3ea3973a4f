import Telemetry

/// What a gateway tells about itself, in Prometheus' text format 0.0.4.
struct GatewayMetrics: Sendable, Equatable {
    struct Connection: Sendable, Equatable {
        /// `namespace/name`.
        var name: String
        var sessionCount: Int
        var counts: SessionCounts
    }

    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    var connections: [Connection] = []
    /// Records that the audit sink has not acknowledged.
    var unacknowledgedCount: UInt64 = 0
    /// Bytes that the audit log still takes, at least.
    var spoolByteCount = 0
    var isSinkAvailable = false
    var isReady = false
    /// Seconds; 0 while the operator confirms it.
    var unconfirmedSeconds = 0.0
    /// `nil` without an operator.
    var stream: ConfigurationStream.State?

    var text: String {
        var page = Page()
        page.add("weir_gateway_info", .gauge, "Always 1.", [("version", Release.version)], 1)
        page.add("weir_gateway_ready", .gauge, "Whether clients can be served.", [], isReady ? 1 : 0)
        addConnections(&page)
        page.add(
            "weir_gateway_audit_unacknowledged_records", .gauge, "Records the sink has not acknowledged.", [],
            Double(unacknowledgedCount))
        page.add(
            "weir_gateway_audit_spool_free_bytes", .gauge, "Bytes the audit log still takes.", [],
            Double(spoolByteCount))
        page.add(
            "weir_gateway_audit_sink_available", .gauge, "Whether the sink takes the log.", [],
            isSinkAvailable ? 1 : 0)
        page.add(
            "weir_gateway_configuration_unconfirmed_seconds", .gauge,
            "Time since the operator last confirmed the configuration in force.", [], unconfirmedSeconds)
        if let stream { add(stream, &page) }
        return page.text
    }

    private func addConnections(_ page: inout Page) {
        func add(_ name: String, _ kind: Page.Kind, _ help: String, _ value: (Connection) -> UInt64) {
            for connection in connections {
                page.add(name, kind, help, [("connection", connection.name)], Double(value(connection)))
            }
        }
        add("weir_gateway_sessions", .gauge, "Sessions there are.") { UInt64($0.sessionCount) }
        add("weir_gateway_sessions_started_total", .counter, "Sessions begun.") { $0.counts.started }
        add("weir_gateway_sessions_refused_total", .counter, "Log-ins refused.") { $0.counts.refused }
        for connection in connections {
            let verdicts = [
                ("allow", connection.counts.allowedStatements), ("mask", connection.counts.maskedStatements),
                ("refuse", connection.counts.refusedStatements),
            ]
            for (verdict, count) in verdicts {
                page.add(
                    "weir_gateway_statements_total", .counter, "Statements by verdict.",
                    [("connection", connection.name), ("verdict", verdict)], Double(count))
            }
        }
        add("weir_gateway_masked_columns_total", .counter, "Columns masked, counted for each statement.") {
            $0.counts.maskedColumns
        }
        add("weir_gateway_rows_total", .counter, "Rows returned.") { $0.counts.rows }
    }

    private func add(_ stream: ConfigurationStream.State, _ page: inout Page) {
        page.add(
            "weir_gateway_stream_connected", .gauge, "Whether the configuration stream is open.", [],
            stream.isConnected ? 1 : 0)
        page.add(
            "weir_gateway_stream_connections_total", .counter, "Times it was opened.", [],
            Double(stream.connectionCount))
        for (accepted, count) in [("true", stream.acceptedCount), ("false", stream.refusedCount)] {
            page.add(
                "weir_gateway_stream_configurations_total", .counter, "Configurations acknowledged.",
                [("accepted", accepted)], Double(count))
        }
    }
}

/// Lines of one metric must stand together, under one heading.
private struct Page {
    enum Kind: String {
        case gauge, counter
    }

    private(set) var text = ""
    private var last = ""

    mutating func add(
        _ name: String, _ kind: Kind, _ help: String, _ labels: [(name: String, value: String)],
        _ value: Double
    ) {
        if name != last { text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n" }
        last = name
        let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        let number = value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
        text += labels.isEmpty ? "\(name) \(number)\n" : "\(name){\(pairs)} \(number)\n"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
