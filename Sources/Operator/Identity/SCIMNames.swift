import Cryptography
import Identity
import Kubernetes

/// The names of users whose identifier is not made of their name: who was renamed, and who has got a name that was another's.
/// A provider tells of somebody by the identifier, which stays (RFC 7643, section 3.1).
struct SCIMNames: Sendable, Equatable {
    static let documentName = "weir-scim-users"
    /// As JSON, in bytes: a ConfigMap takes 1 MiB. Ours.
    private static let limit = 1_000_000

    /// By identifier.
    private var names: [String: String] = [:]

    struct Malformed: Error, CustomStringConvertible {
        var description: String { "ConfigMap \(SCIMNames.documentName) holds no such document" }
    }

    init() {}

    init(_ document: JSON?) throws(Malformed) {
        guard let document else { return }
        guard let fields = document.object else { throw Malformed() }
        for (id, name) in fields {
            guard let name = name.string else { throw Malformed() }
            names[id] = name
        }
    }

    var json: JSON { JSON(names) }

    /// `nil` for what is no identifier, and for one of a name that is another's by now.
    func name(of id: String) -> String? {
        if let name = names[id] { return name }
        guard let bytes = Base64URL.decode(id), !bytes.isEmpty,
            let name = String(validating: bytes, as: UTF8.self), holder(of: name) == nil
        else { return nil }
        return name
    }

    /// `nil` for somebody new, whose name was another's.
    func id(of name: String) -> String? {
        if let id = holder(of: name) { return id }
        let id = Self.id(madeOf: name)
        return names[id] == nil ? id : nil
    }

    /// Somebody new, whose name was another's, gets an identifier.
    mutating func add(_ name: String) throws(SCIMFault) {
        guard id(of: name) == nil else { return }
        var number = 2
        while names["\(Self.id(madeOf: name)).\(number)"] != nil { number += 1 }
        try keep(name, of: "\(Self.id(madeOf: name)).\(number)")
    }

    mutating func rename(_ id: String, to name: String) throws(SCIMFault) {
        try checkWhether(id, mayHave: name)
        if id == Self.id(madeOf: name) { names[id] = nil } else { try keep(name, of: id) }
    }

    /// - Throws: 409 for a name that another has who did not have it first.
    func checkWhether(_ id: String, mayHave name: String) throws(SCIMFault) {
        guard let holder = holder(of: name), holder != id else { return }
        var fault = SCIMFault(.conflict, "another user has this userName")
        fault.kind = .uniqueness
        throw fault
    }

    /// Nothing is told of them any more.
    mutating func remove(_ id: String) { names[id] = nil }

    private mutating func keep(_ name: String, of id: String) throws(SCIMFault) {
        names[id] = name
        guard json.rendered.count <= Self.limit else {
            throw SCIMFault(.serviceUnavailable, "there is no room for more renamed users")
        }
    }

    private static func id(madeOf name: String) -> String { Base64URL.encode(Array(name.utf8)) }

    /// The identifier of who has that name, in any spelling, and did not have it first.
    private func holder(of name: String) -> String? {
        let wanted = Revocation.Target.subject(name).caseFolded
        return names.first { Revocation.Target.subject($0.value).caseFolded == wanted }?.key
    }
}
