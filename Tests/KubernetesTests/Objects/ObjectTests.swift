import Kubernetes
import SeededRandomness
import Testing

struct ObjectTests {
    @Test func `an object keeps what it does not know`() throws {
        let content: JSON = [
            "kind": "Pod",
            "metadata": [
                "name": "a", "namespace": "n", "uid": "u", "resourceVersion": "9007199254740993",
                "generation": 2,
                "labels": ["app": "x"], "annotations": ["y": "z"], "finalizers": ["f"],
                "creationTimestamp": "2026-11-28T10:00:00Z",
                "ownerReferences": [
                    [
                        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "o",
                        "controller": true,
                    ]
                ],
            ], "future": ["field": 1],
        ]
        let object = try APIObject(content)
        #expect(object.content == content)
        #expect(object.key == ObjectKey(namespace: "n", name: "a"))
        #expect(object.uid == "u" && object.resourceVersion == "9007199254740993")
        let metadata = object.metadata
        #expect(
            metadata.generation == 2 && metadata.labels == ["app": "x"] && metadata.annotations == ["y": "z"])
        #expect(
            metadata.creationTimestamp?.time == "2026-11-28T10:00:00Z" && metadata.deletionTimestamp == nil)
        #expect(
            metadata.ownerReferences.first?.uid == "o" && metadata.ownerReferences.first?.isController == true
        )
        #expect(metadata.finalizers == ["f"])
    }

    @Test(
        arguments: [[:], "x", ["metadata": [:]], ["metadata": ["name": ""]], ["metadata": ["name": 1]]]
            as [JSON])
    func `an object has a name`(content: JSON) {
        #expect(throws: MalformedAnswer.self) { try APIObject(content) }
    }

    @Test func `metadata of any shape is read as what it has`() {
        #expect(ObjectMeta(nil).name.isEmpty)
        #expect(
            ObjectMeta(["labels": [1], "ownerReferences": [7], "finalizers": "x", "generation": "y"])
                .generation == 0)
    }
}

struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-28T09:30:00.123456Z", 1_795_858_200_123_456),
        ("2026-11-28T11:30:00.1234567+02:00", 1_795_858_200_123_456),
        ("2000-02-29T00:00:00Z", 951_782_400_000_000),
        ("1969-12-31T23:59:59.5Z", -500_000), ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("2026-11-28t09:30:00z", 1_795_858_200_000_000),
    ])
    func `a moment is read`(text: String, microseconds: Int64) {
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026-11-28", "2026-11-28T09:30:00", "2026-11-28 09:30:00Z", "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-11-00T00:00:00Z",
        "2026-11-28T24:00:00Z", "2026-11-28T09:60:00Z", "2026-11-28T09:30:61Z", "2026-11-28T09:30:00.Z",
        "2026-11-28T09:30:00+2:00", "2026-11-28T09:30:00Zx", "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "２026-11-28T09:30:00Z",
    ])
    func `what is no moment is not read`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `a moment is written with six digits of a second or none`() {
        let moment = Timestamp(microseconds: 1_795_858_200_000_012)
        #expect(moment.microTime == "2026-11-28T09:30:00.000012Z")
        #expect(moment.time == "2026-11-28T09:30:00Z")
        #expect(Timestamp(microseconds: .min).time == "0001-01-01T00:00:00Z")
        #expect(Timestamp(microseconds: .max).microTime == "9999-12-31T23:59:59.999999Z")
    }

    @Test func `what is written is read again`() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let moment = Timestamp(
                microseconds: .random(
                    in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &generator))
            #expect(Timestamp(moment.microTime) == moment)
        }
    }
}
