import CProcess
import Glibc
import Synchronization

/// SIGTERM and SIGHUP, passed on to a program that runs in this one's place: this one ends after it.
package enum PassedOnSignals {
    /// The program's process; 0 while there is none.
    private static let program = Atomic<Int32>(0)
    /// The last signal that has arrived; 0 for none.
    private static let last = Atomic<Int32>(0)

    /// From now on neither ends this process. One that is ignored, as under nohup, stays so, here and in the
    /// program.
    package static func hold() {
        // What the handler uses is made before it can run.
        program.store(0, ordering: .sequentiallyConsistent)
        last.store(0, ordering: .sequentiallyConsistent)
        for number in [SIGTERM, SIGHUP] where weir_ignores(number) == 0 {
            signal(number) { PassedOnSignals.arrived($0) }
        }
    }

    /// The program runs; it is told of what has arrived already, too.
    package static func pass(to process: Int32) {
        program.store(process, ordering: .sequentiallyConsistent)
        let number = last.load(ordering: .sequentiallyConsistent)
        if number != 0 { kill(process, number) }
    }

    /// The program has ended, and its number may become another's.
    package static func end() { program.store(0, ordering: .sequentiallyConsistent) }

    /// Called by the handler: does only what may be done there.
    private static func arrived(_ number: Int32) {
        last.store(number, ordering: .sequentiallyConsistent)
        let process = program.load(ordering: .sequentiallyConsistent)
        if process != 0 { kill(process, number) }
    }
}
