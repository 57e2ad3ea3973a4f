/// A request to the API server as a plain value; whoever sends it adds the address and the credentials.
package struct APIRequest: Sendable, Equatable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    package struct QueryItem: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package struct Body: Sendable, Equatable {
        package var contentType: String
        package var bytes: [UInt8]

        package init(_ json: JSON, as contentType: String = "application/json") {
            self.contentType = contentType
            bytes = json.rendered
        }
    }

    package var method: Method
    /// Percent-encoded, beginning with a slash.
    package var path: String
    /// Not encoded, in the order they are sent.
    package var query: [QueryItem]
    package var body: Body?

    package init(_ method: Method, path: String, query: [QueryItem] = [], body: Body? = nil) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }

    /// Path and query as they stand in the request line.
    package var target: String {
        guard !query.isEmpty else { return path }
        let items = query.map { "\(Self.percentEncoded($0.name))=\(Self.percentEncoded($0.value))" }
        return "\(path)?\(items.joined(separator: "&"))"
    }

    /// Everything but RFC 3986's unreserved characters is encoded.
    static func percentEncoded(_ text: String) -> String {
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                output.append(byte)
            default:
                output.append(UInt8(ascii: "%"))
                output += (byte < 0x10 ? "0" : "").utf8
                output += String(byte, radix: 16, uppercase: true).utf8
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}

/// Why there is no such request.
package enum RequestError: Error, Equatable {
    /// Its path would be that of all objects of the kind.
    case noName
    /// Its path would be that of all namespaces.
    case noNamespace
}

extension APIResource {
    /// Of the kind's objects in a namespace, or in all; of objects of the cluster the namespace does not count.
    package func path(in namespace: String? = nil) -> String {
        let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        guard isNamespaced, let namespace else { return "\(root)/\(name)" }
        return "\(root)/namespaces/\(APIRequest.percentEncoded(namespace))/\(name)"
    }

    /// Of one object, or of a part of it such as `status`.
    package func path(of key: ObjectKey, subresource: String? = nil) throws(RequestError) -> String {
        // `.` and `..` name no object, and would name another place.
        guard !key.name.isEmpty, key.name != ".", key.name != ".." else { throw .noName }
        let path = try "\(collectionPath(for: key))/\(APIRequest.percentEncoded(key.name))"
        return subresource.map { "\(path)/\($0)" } ?? path
    }

    /// Where an object is created.
    func collectionPath(for key: ObjectKey) throws(RequestError) -> String {
        guard isNamespaced else { return path() }
        guard !key.namespace.isEmpty, key.namespace != ".", key.namespace != ".." else { throw .noNamespace }
        return path(in: key.namespace)
    }
}
