// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")

/// A library of the project: `Sources/<name>`, imported by name only.
func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], adding more: [SwiftSetting] = []
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings + more)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, exclude: exclude,
        swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies + [arguments, logging], swiftSettings: settings)
}

let package = Package(
    name: "weir",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CProcess"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CPgQuery", providers: [.apt(["libpg-query-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CXML", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

        // libxmlsec1's pkg-config file has flags that SwiftPM takes from none.
        .target(
            name: "CXMLSec", dependencies: ["CXML"],
            cSettings: [.unsafeFlags(["-I/usr/include/xmlsec1", "-Wall", "-Wextra", "-Werror"])],
            linkerSettings: ["xmlsec1-openssl", "xmlsec1", "crypto"].map { .linkedLibrary($0) }),

        // A client byte's way.
        library("API"),
        library("Cryptography", ["COpenSSL"]),
        library("Networking", ["Cryptography", nio, nioPosix, nioHTTP1]),
        library("WireProtocols", ["Cryptography"], adding: [.enableExperimentalFeature("Lifetimes")]),
        library("StatementAnalysis", ["CPgQuery"]),
        library("Policy", ["API", "StatementAnalysis"]),
        library("Masking", ["API", "Cryptography"]),
        library(
            "Session", ["API", "Cryptography", "WireProtocols", "StatementAnalysis", "Policy", "Masking"]),
        library("Audit", ["API", "Cryptography"]),
        library("Shipping", ["Audit", "Networking", nio, logging]),
        library("Identity", ["API", "Cryptography", "Kubernetes"]),
        library(
            "Gateway",
            [
                "API", "Audit", "CMalloc", "Cryptography", "Identity", "Kubernetes", "Manifests", "Masking",
                "Networking", "Session", "Shipping", "Telemetry", "WireProtocols", nio, logging,
            ]),
        library(
            "AuditSink",
            [
                "API", "Audit", "Cryptography", "CSQLite", "Networking", "SecureServing", "Telemetry",
                hummingbird, nio, logging,
            ]),

        // A change's way, and what all share.
        library("YAML", ["API", "CYAML"]),
        library("Manifests", ["API", "Cryptography", "YAML"]),
        library("Kubernetes"),
        library("Admission", ["API", "Cryptography", "Kubernetes"]),
        library("KubernetesClient", ["API", "CCurl", "Kubernetes", "YAML"]),
        library(
            "Operator",
            [
                "API", "Admission", "Audit", "Cryptography", "Identity", "Kubernetes", "Manifests",
                "Networking",
                "Policy", "SAML", "SecureServing", "Shipping", hummingbird, nio, nioHTTP1, logging,
            ]),
        library("SAML", ["Cryptography", "CXML", "CXMLSec", "Kubernetes"]),
        library("SecureServing", ["Cryptography", "Networking", hummingbird, nio, logging]),
        library("Telemetry", ["CProcess", logging]),
        library(
            "CommandLineTool",
            [
                "API", "Audit", "AuditSink", "Cryptography", "Gateway", "Kubernetes", "KubernetesClient",
                "Manifests", "Masking", "Networking", "Session", "Telemetry", "WireProtocols", arguments, nio,
            ]),

        program("weir-gateway", ["Gateway", "Telemetry"]),
        program("weir-audit-sink", ["AuditSink", "Networking", "Telemetry"]),
        program(
            "weir-operator",
            ["Admission", "Cryptography", "Operator", "Kubernetes", "KubernetesClient", "Telemetry"]),
        program("weirctl", ["CommandLineTool"]),

        tests("API"),
        tests("Cryptography"),
        tests("Networking", ["Cryptography", nio, nioPosix]),
        tests("WireProtocols", ["Cryptography", "SeededRandomness", "WireProtocolsFuzzing"]),
        tests("StatementAnalysis", ["SeededRandomness", "StatementAnalysisFuzzing"]),
        tests("Policy", ["API", "Manifests", "SeededRandomness", "StatementAnalysis"]),
        tests("Masking", ["API", "MaskingFuzzing", "SeededRandomness"], exclude: ["Golden"]),
        tests("Session", ["API", "Manifests", "Policy", "StatementAnalysis", "WireProtocols", "Masking"]),
        tests(
            "Gateway",
            [
                "API", "Cryptography", "Identity", "Kubernetes", "LogCapture", "Manifests", "Networking",
                "Session",
            ]),
        tests("Audit", ["API", "Cryptography", "SeededRandomness", "TemporaryFiles"]),
        tests(
            "Shipping",
            [
                "API", "Audit", "Cryptography", "LogCapture", "Networking", "TemporaryFiles", nio, nioHTTP1,
                logging,
            ]),
        tests("Identity", ["API", "Cryptography", "Kubernetes"]),
        tests("SAML", ["Cryptography", "Kubernetes", "SAMLSigning"]),
        tests(
            "AuditSink",
            [
                "API", "Audit", "CSQLite", "Cryptography", "LogCapture", "Networking", "TemporaryFiles",
                logging, nio,
            ]),
        tests("SecureServing", [hummingbird, nio]),
        tests("Manifests", ["API", "SeededRandomness", "YAML"], exclude: ["Golden"]),
        tests("Kubernetes", ["CMalloc", "SeededRandomness"]),
        tests(
            "Admission", ["API", "InjectionFuzzing", "Kubernetes", "Manifests", "SeededRandomness"],
            exclude: ["Golden"]),
        tests("KubernetesClient", ["Cryptography", "Kubernetes", "Networking", nio, nioPosix]),
        .testTarget(
            name: "CustomResourceTests",
            dependencies: ["API", "ClusterModel", "Kubernetes", "Manifests", "YAML"],
            exclude: ["examples.yaml"], swiftSettings: settings),
        tests("ClusterModel", ["Kubernetes"]),
        tests(
            "Operator",
            [
                "API", "Admission", "AdmissionServer", "Audit", "ClusterModel", "ClusterServer",
                "Cryptography",
                "Identity", "Kubernetes", "KubernetesClient", "LogCapture", "Manifests", "Networking",
                "Policy", "SAML", "SAMLSigning", "SeededRandomness", "YAML", hummingbird, nio, nioPosix,
                logging,
            ], exclude: ["Notifications/Golden", "Rendering/Golden"]),
        tests(
            "CommandLineTool", ["API", "Audit", "AuditSink", "Cryptography", "TemporaryFiles", arguments]),
        .testTarget(name: "ArchitectureTests", swiftSettings: settings),

        // The operator's webhook alone, for tests and for measuring.
        .target(
            name: "AdmissionServer",
            dependencies: ["Admission", "Cryptography", "Operator", "SecureServing", hummingbird, logging],
            path: "Tests/TestSupport/AdmissionServer", swiftSettings: settings),
        .executableTarget(
            name: "bench-admission",
            dependencies: ["Admission", "AdmissionServer", "Cryptography", "Manifests", arguments],
            path: "Tests/Benchmarks/Admission", swiftSettings: settings),

        // The API server that tests run against.
        .target(
            name: "ClusterModel", dependencies: ["Kubernetes"], path: "Tests/TestSupport/ClusterModel",
            swiftSettings: settings),
        .target(
            name: "ClusterServer",
            dependencies: [
                "ClusterModel", "Cryptography", "Kubernetes", "Networking", "SecureServing", hummingbird, nio,
                nioPosix, logging,
            ],
            path: "Tests/TestSupport/ClusterServer", swiftSettings: settings),
        .executableTarget(
            name: "test-api-server", dependencies: ["ClusterServer", "Cryptography", arguments, logging],
            path: "Tests/TestSupport/ClusterProgram", swiftSettings: settings),

        .target(
            name: "LogCapture", dependencies: [logging], path: "Tests/TestSupport/LogCapture",
            swiftSettings: settings),

        // An identity provider's part of SAML: it signs what it is given.
        .target(
            name: "SAMLSigning", dependencies: ["CXML", "CXMLSec"], path: "Tests/TestSupport/SAMLSigning",
            cSettings: [.unsafeFlags(["-I/usr/include/xmlsec1"])],
            linkerSettings: ["xmlsec1-openssl", "xmlsec1", "crypto"].map { .linkedLibrary($0) }),

        .target(
            name: "SeededRandomness", path: "Tests/TestSupport/SeededRandomness", swiftSettings: settings),
        .target(name: "TemporaryFiles", path: "Tests/TestSupport/TemporaryFiles", swiftSettings: settings),

        // What the decoders' fuzzers and their tests have in common.
        .target(
            name: "InjectionFuzzing", dependencies: ["Admission", "Kubernetes", "Manifests"],
            path: "Tests/Fuzzing/Injection/Exercise", swiftSettings: settings),
        .target(
            name: "MaskingFuzzing", dependencies: ["API", "Masking"],
            path: "Tests/Fuzzing/Masking/Exercise", swiftSettings: settings),
        .target(
            name: "StatementAnalysisFuzzing", dependencies: ["StatementAnalysis"],
            path: "Tests/Fuzzing/StatementAnalysis/Exercise", swiftSettings: settings),
        .target(
            name: "WireProtocolsFuzzing", dependencies: ["WireProtocols"],
            path: "Tests/Fuzzing/WireProtocols/Exercise", swiftSettings: settings),
    ]
)

// With `--sanitize fuzzer`, which brings the `main` that these have not.
if Context.environment["FUZZ"] == "1" {
    package.targets.append(
        .executableTarget(
            name: "fuzz-audit", dependencies: ["Audit"], path: "Tests/Fuzzing/Audit",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
    package.targets.append(
        .executableTarget(
            name: "fuzz-injection", dependencies: ["InjectionFuzzing"],
            path: "Tests/Fuzzing/Injection/Program",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
    package.targets.append(
        .executableTarget(
            name: "fuzz-masking", dependencies: ["MaskingFuzzing"], path: "Tests/Fuzzing/Masking/Program",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
    package.targets.append(
        .executableTarget(
            name: "fuzz-manifests", dependencies: ["API", "Manifests"], path: "Tests/Fuzzing/Manifests",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
    package.targets.append(
        .executableTarget(
            name: "fuzz-statement-analysis", dependencies: ["StatementAnalysisFuzzing"],
            path: "Tests/Fuzzing/StatementAnalysis/Program",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
    package.targets.append(
        .executableTarget(
            name: "fuzz-wire-protocols", dependencies: ["WireProtocolsFuzzing"],
            path: "Tests/Fuzzing/WireProtocols/Program",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}
