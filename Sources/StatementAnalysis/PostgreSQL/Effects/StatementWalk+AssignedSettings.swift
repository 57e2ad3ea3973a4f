/// Settings with a dot in their name: who gives one a value, and which.
extension StatementWalk {
    /// `SET` and `RESET`.
    func assign(_ name: String, _ node: SyntaxTree.Node, isLocal: Bool) {
        guard name.utf8.contains(UInt8(ascii: ".")) else { return }
        let value: StatementFacts.AssignedSetting.Value
        switch tree.string(node, .kind) {
        case "VAR_RESET", "VAR_SET_DEFAULT": value = .reset
        case "VAR_SET_VALUE":
            let arguments = Array(tree.list(node, .args))
            value = arguments.count == 1 ? assignedValue(arguments[0]) : .unknown
        default: value = .unknown
        }
        record(.init(name: .constant(name), value: value, isLocal: .constant(isLocal)))
    }

    /// A call of `set_config`, whichever function of that name it is.
    func assign(by call: SyntaxTree.Node) {
        let arguments = Array(tree.list(call, .args)).map(withoutCasts)
        guard arguments.count == 3 else { return }
        let name: StatementFacts.AssignedSetting.Name
        if let text = constantText(arguments[0])?.lowercased() {
            guard text.utf8.contains(UInt8(ascii: ".")) else { return }
            name = .constant(text)
        } else if let number = parameter(arguments[0]) {
            name = .parameter(number)
        } else {
            return
        }
        let isLocal: StatementFacts.AssignedSetting.Locality
        if let flag = tree.child(arguments[2], .boolval) {
            isLocal = .constant(tree.flag(flag, .boolval))
        } else {
            isLocal = parameter(arguments[2]).map { .parameter($0) } ?? .unknown
        }
        record(.init(name: name, value: assignedValue(arguments[1]), isLocal: isLocal))
    }

    private func record(_ setting: StatementFacts.AssignedSetting) {
        if !facts.assignedSettings.contains(setting) { facts.assignedSettings.append(setting) }
    }

    private func assignedValue(_ node: SyntaxTree.Node) -> StatementFacts.AssignedSetting.Value {
        let node = withoutCasts(node)
        if let number = parameter(node) { return .parameter(number) }
        guard tree.kind(node) == .aConst else { return .unknown }
        if tree.flag(node, .isnull) { return .reset }
        guard let text = constantText(node), let position = tree.integer(node, .location) else {
            return .unknown
        }
        return .constant(text, position: position)
    }

    private func withoutCasts(_ node: SyntaxTree.Node) -> SyntaxTree.Node {
        var node = node
        while tree.kind(node) == .typeCast, let inner = tree.child(node, .arg) { node = inner }
        return node
    }

    private func parameter(_ node: SyntaxTree.Node) -> Int? {
        tree.kind(node) == .paramRef ? tree.integer(node, .number) : nil
    }

    /// Nothing but calls of `set_config`, each of which runs once.
    func onlyAssignsSettings(_ root: SyntaxTree.Node) -> Bool {
        if tree.kind(root) == .variableSetStmt { return true }
        guard tree.kind(root) == .selectStmt, has(root, only: [.targetList, .limitOption, .op]) else {
            return false
        }
        return tree.list(root, .targetList).allSatisfy { target in
            guard let call = tree.child(target, .val), tree.kind(call) == .funcCall else { return false }
            let name = tree.texts(call, .funcname)
            return (name == ["set_config"] || name == ["pg_catalog", "set_config"])
                && has(call, only: [.funcname, .args, .funcformat, .location])
                && tree.list(call, .args).allSatisfy { !runs(withoutCasts($0)) }
        }
    }

    private func has(_ node: SyntaxTree.Node, only fields: Set<SyntaxField>) -> Bool {
        tree.children(node).allSatisfy { tree.field($0).map(fields.contains) ?? false }
    }

    private func runs(_ argument: SyntaxTree.Node) -> Bool {
        tree.kind(argument) != .aConst && tree.kind(argument) != .paramRef
    }
}
