import CProcess

/// What becomes of a process' memory, which holds credentials and governed values, when it crashes: nothing is written.
package enum CoreDumps {
    package struct Fault: Error, CustomStringConvertible {
        package var description: String { "core dumps cannot be turned off" }
    }

    /// Turns them off, also where a program takes them, and keeps other processes of the same user from reading the memory.
    package static func forbid() throws(Fault) {
        guard weir_forbid_dumps() == 0 else { throw Fault() }
    }
}
