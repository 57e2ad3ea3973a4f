/// A function, procedure, aggregate or window function: a row of `pg_proc`.
package struct Routine: Sendable, Hashable {
    /// `pg_proc.prokind`.
    package enum Kind: UInt8, Sendable {
        case function = 0x66
        case procedure = 0x70
        case aggregate = 0x61
        case window = 0x77
    }

    /// `pg_proc.provolatile`.
    package enum Volatility: UInt8, Sendable {
        case immutable = 0x69
        case stable = 0x73
        case volatile = 0x76
    }

    package struct OutputColumn: Sendable, Hashable {
        package var name: String
        package var type: ObjectID

        package init(name: String, type: ObjectID) {
            self.name = name
            self.type = type
        }
    }

    package var oid: ObjectID
    package var schema: String
    package var name: String
    package var kind: Kind
    package var volatility: Volatility
    package var arguments: [ObjectID]
    /// How many of the last arguments have defaults.
    package var defaultCount: Int
    package var isVariadic: Bool
    package var result: ObjectID
    package var returnsSet: Bool
    /// `OUT`, `INOUT` and `TABLE` columns.
    package var outputs: [OutputColumn]
    /// The extension it belongs to.
    package var `extension`: String?

    package init(
        oid: ObjectID, schema: String = "pg_catalog", name: String, kind: Kind = .function,
        volatility: Volatility = .immutable, arguments: [ObjectID] = [], defaultCount: Int = 0,
        isVariadic: Bool = false, result: ObjectID = 0, returnsSet: Bool = false,
        outputs: [OutputColumn] = [],
        extension: String? = nil
    ) {
        self.oid = oid
        self.schema = schema
        self.name = name
        self.kind = kind
        self.volatility = volatility
        self.arguments = arguments
        self.defaultCount = defaultCount
        self.isVariadic = isVariadic
        self.result = result
        self.returnsSet = returnsSet
        self.outputs = outputs
        self.extension = `extension`
    }

    /// `pg_options_to_table`: the names and values of an array of options.
    var isOptionList: Bool {
        oid < Catalogue.firstUserObject && name == "pg_options_to_table" && outputs.count == 2
    }

    /// Whether a call with so many arguments can mean this routine.
    func accepts(argumentCount: Int) -> Bool {
        if isVariadic { return argumentCount >= arguments.count - 1 - defaultCount }
        return argumentCount <= arguments.count && argumentCount >= arguments.count - defaultCount
    }
}
