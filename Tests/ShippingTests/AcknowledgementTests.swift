import Networking
import Testing

@testable import Shipping

/// What says that records are kept.
struct AcknowledgementTests {
    private func sequence(_ status: Int, _ body: String) -> UInt64? {
        Acknowledgement.sequence(in: .refusal(status, body))
    }

    @Test(arguments: [
        #"{"acknowledged":1234}"#, #"{ "acknowledged" : 1234 }"#, "{\n  \"acknowledged\":\t1234\n}\n",
        #"{"received":9,"acknowledged":1234,"more":5}"#,
    ])
    func `the number is read however it is laid out`(body: String) {
        #expect(sequence(200, body) == 1234)
    }

    @Test(arguments: [
        "", "{}", "1234", #"{"acknowledged":}"#, #"{"acknowledged":"1234"}"#, #"{"acknowledged":-1}"#,
        #"{"acknowledged":null}"#, #"{"acknowledged":18446744073709551616}"#, #"{"Acknowledged":1234}"#,
    ])
    func `what has no such number acknowledges nothing`(body: String) {
        #expect(sequence(200, body) == nil)
    }

    @Test(arguments: [201, 204, 302, 400, 403, 500, 503])
    func `another status acknowledges nothing`(status: Int) {
        #expect(sequence(status, #"{"acknowledged":1234}"#) == nil)
    }
}
