/// What the sink holds for whoever reaches it, before it knows what they send. Ours.
package struct ServingLimits: Sendable, Equatable {
    /// Connections at once; who comes after them waits until one ends.
    package var connectionCount = 4096
    /// Of batches' bodies at once, in bytes, over all connections.
    package var heldByteCount = 64 << 20
    /// Longest time a batch's body takes to come.
    package var bodyTime = Duration.seconds(30)

    package init() {}
}
