import Testing

@testable import Operator

struct ReconcileQueueTests {
    @Test func `what nobody works through does not pile up`() {
        let queue = ReconcileQueue<Int>(isOpen: false)
        queue.add(0..<1000)
        queue.add(0..<1000, after: .zero)
        #expect(queue.depth == 0)
        queue.open()
        queue.add(0..<3)
        #expect(queue.depth == 3)
    }
}
