import Foundation
import Kubernetes
import Testing

/// Compares a value with the file of that name in the folder `Golden` beside the test; `UPDATE_GOLDEN=1` writes it anew.
func compare(_ value: JSON, with name: String, beside test: String = #filePath) throws {
    let file = URL(filePath: test).deletingLastPathComponent().appending(path: "Golden/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
        let object = try JSONSerialization.jsonObject(with: Data(value.rendered))
        try JSONSerialization.data(
            withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        ).write(to: file)
    }
    let golden = try JSON(parsing: Array(Data(contentsOf: file)))
    #expect(value == golden, "\(name) differs; UPDATE_GOLDEN=1 writes it anew")
}
