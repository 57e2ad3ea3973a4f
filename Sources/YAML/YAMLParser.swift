import API
import CYAML

/// The events of one YAML stream, from libyaml.
///
/// The text must be UTF-8; libyaml checks that and its printable characters. Aliases are events, never
/// expanded, so the work is bounded by the text's length.
@safe
struct YAMLParser: ~Copyable {
    struct Event {
        enum Kind {
            case documentStart
            case documentEnd
            case streamEnd
            case alias
            case scalar(String, isPlain: Bool)
            case sequenceStart
            case sequenceEnd
            case mappingStart
            case mappingEnd
            /// The stream's start, which says nothing.
            case other
        }

        var kind: Kind
        var position: ManifestPosition
        /// The whole tag, `tag:yaml.org,2002:str`; `nil` when none was written.
        var tag: String?
        var hasAnchor = false
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// libyaml reads from here until it is deleted.
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let file: String

    /// - Throws: only when memory is short.
    init(_ text: [UInt8], file: String) throws(ManifestFault) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            throw ManifestFault(at: .init(file: file, line: 0, column: 0), "cannot be parsed: out of memory")
        }
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.count)
        _ = unsafe input.initialize(from: text)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        self.file = file
        unsafe self.input = input
        unsafe self.parser = parser
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    /// The next event; after a fault or the stream's end there is none.
    mutating func next() throws(ManifestFault) -> Event {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw problem() }
        defer { unsafe yaml_event_delete(&event) }
        let position = position(unsafe event.start_mark)
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, position: position)
        case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, position: position)
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return Event(kind: .streamEnd, position: position)
        case YAML_ALIAS_EVENT: return Event(kind: .alias, position: position)
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            return unsafe Event(
                kind: .scalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain), position: position,
                tag: Self.text(scalar.tag), hasAnchor: scalar.anchor != nil)
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            return unsafe Event(
                kind: .sequenceStart, position: position, tag: Self.text(start.tag),
                hasAnchor: start.anchor != nil)
        case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, position: position)
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            return unsafe Event(
                kind: .mappingStart, position: position, tag: Self.text(start.tag),
                hasAnchor: start.anchor != nil)
        case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, position: position)
        default: return Event(kind: .other, position: position)
        }
    }

    private func problem() -> ManifestFault {
        let mark = unsafe parser.pointee.problem_mark
        let text = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "out of memory"
        return ManifestFault(at: position(mark), "is no YAML: \(text)")
    }

    private func position(_ mark: yaml_mark_t) -> ManifestPosition {
        ManifestPosition(file: file, line: mark.line + 1, column: mark.column + 1)
    }

    private static func text(_ characters: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        unsafe characters.map { unsafe String(cString: $0) }
    }
}
