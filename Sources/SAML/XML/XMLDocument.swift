import CXML

/// A document of hostile origin, read by libxml2: within limits, without a document type, entities of its own, comments,
/// processing instructions and sections of character data, and without anything being fetched.
///
/// None of these occurs in the responses of identity providers, and each has been used to show one text to the signature's
/// verification and another to whoever reads the values.
@safe
final class XMLDocument {
    /// Ours, all of them.
    enum Limit {
        /// Of the document, in bytes.
        static let length = 256 << 10
        /// Of what a signature's canonicalization makes of it, in bytes.
        static let canonicalLength = 1 << 20
        static let depth = 32
        static let elements = 4096
        /// Of one element.
        static let attributes = 32
        static let namespaceDeclarations = 32
        /// Of a namespace's name, in bytes: canonicalization repeats it.
        static let namespaceLength = 256
    }

    let root: Element
    // Never changed but for the IDs that a verification registers, by the one task that has it.
    private let document: xmlDocPtr

    deinit { unsafe xmlFreeDoc(document) }

    /// - Throws: ``SAMLFault/malformed(_:)``, ``SAMLFault/tooLarge(_:)`` and ``SAMLFault/forbidden(_:)``.
    init(parsing bytes: [UInt8], limit: Int = Limit.length) throws(SAMLFault) {
        guard bytes.count <= limit else { throw .tooLarge("bytes") }
        try Self.checkMarkup(bytes)
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
        let parsed = unsafe bytes.withUnsafeBytes { buffer in
            unsafe xmlReadMemory(
                buffer.bindMemory(to: CChar.self).baseAddress, Int32(buffer.count), nil, "UTF-8",
                Int32(options))
        }
        guard let parsed = unsafe parsed else { throw .malformed("no XML") }
        let result: Result<Element, SAMLFault>
        do throws(SAMLFault) {
            guard unsafe parsed.pointee.intSubset == nil, let root = unsafe xmlDocGetRootElement(parsed)
            else {
                throw .forbidden("a document type")
            }
            var reader = ElementReader()
            result = .success(try unsafe reader.read(root, depth: 1))
        } catch {
            result = .failure(error)
        }
        switch result {
        case .success(let element):
            root = element
            unsafe document = parsed
        case .failure(let fault):
            unsafe xmlFreeDoc(parsed)
            throw fault
        }
    }

    /// Whatever stands behind `<!`: a document type, an entity, a comment, character data. In UTF-8, as which it is read whatever it
    /// says, the bytes mean nothing else.
    private static func checkMarkup(_ bytes: [UInt8]) throws(SAMLFault) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .malformed("no UTF-8") }
        for index in bytes.indices.dropLast() where bytes[index] == UInt8(ascii: "<") {
            switch bytes[index + 1] {
            case UInt8(ascii: "!"): throw .forbidden("a document type, comment or character data section")
            case UInt8(ascii: "?") where index > 0: throw .forbidden("a processing instruction")
            default: continue
            }
        }
    }

    /// Verifies the signature that is a child of the element at `path`, which leads from the root by the places of elements
    /// among their siblings.
    ///
    /// - Returns: the bytes whose digest was signed; `nil` unless the signature is this key's, over that element.
    func verify(_ signature: [Int], by key: SigningCertificate) -> [UInt8]? {
        var node = unsafe xmlDocGetRootElement(document)
        for place in signature {
            unsafe node = unsafe node.flatMap { unsafe xmlFirstElementChild($0) }
            for _ in 0..<place { unsafe node = unsafe node.flatMap { unsafe xmlNextElementSibling($0) } }
        }
        guard let node = unsafe node else { return nil }
        return unsafe key.verify(node)
    }
}

/// Makes values of libxml2's nodes.
private struct ElementReader {
    private var count = 0

    init() {}

    mutating func read(_ node: xmlNodePtr, depth: Int) throws(SAMLFault) -> Element {
        count += 1
        guard count <= XMLDocument.Limit.elements else { throw .tooLarge("elements") }
        guard depth <= XMLDocument.Limit.depth else { throw .tooLarge("levels") }
        try unsafe Self.checkNamespaces(of: node)
        let namespace = unsafe node.pointee.ns.flatMap { unsafe Self.text($0.pointee.href) } ?? ""
        var element = Element(name: .init(namespace, unsafe Self.text(node.pointee.name)))
        element.attributes = try unsafe Self.attributes(of: node)
        var child = unsafe node.pointee.children
        while let current = unsafe child {
            switch unsafe current.pointee.type {
            case XML_ELEMENT_NODE: element.children.append(try unsafe read(current, depth: depth + 1))
            case XML_TEXT_NODE: element.text += unsafe Self.text(current.pointee.content)
            default: throw .forbidden("what is neither element nor text")
            }
            unsafe child = unsafe current.pointee.next
        }
        return element
    }

    private static func checkNamespaces(of node: xmlNodePtr) throws(SAMLFault) {
        var count = 0
        var declaration = unsafe node.pointee.nsDef
        while let current = unsafe declaration {
            count += 1
            guard count <= XMLDocument.Limit.namespaceDeclarations,
                unsafe text(current.pointee.href).utf8.count <= XMLDocument.Limit.namespaceLength
            else { throw .tooLarge("namespaces") }
            unsafe declaration = unsafe current.pointee.next
        }
    }

    /// - Throws: also for `xml:id`, which would be a second way to be meant by a reference.
    private static func attributes(of node: xmlNodePtr) throws(SAMLFault) -> [String: String] {
        var attributes: [String: String] = [:]
        var count = 0
        var attribute = unsafe node.pointee.properties
        while let current = unsafe attribute {
            count += 1
            guard count <= XMLDocument.Limit.attributes else { throw .tooLarge("attributes") }
            let name = unsafe text(current.pointee.name)
            let isQualified = unsafe current.pointee.ns != nil
            if isQualified, name.lowercased() == "id" { throw .forbidden("an xml:id") }
            if !isQualified {
                let value = unsafe xmlNodeListGetString(node.pointee.doc, current.pointee.children, 1)
                attributes[name] = unsafe text(value)
                unsafe weir_xml_free(value)
            }
            unsafe attribute = unsafe current.pointee.next
        }
        return attributes
    }

    private static func text(_ pointer: UnsafePointer<xmlChar>?) -> String {
        guard let pointer = unsafe pointer else { return "" }
        return unsafe String(cString: pointer)
    }
}
