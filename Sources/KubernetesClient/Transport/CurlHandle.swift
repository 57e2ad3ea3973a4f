import CCurl
import Glibc
import Kubernetes

/// One easy handle with the connections it keeps; used by one thread.
@safe
final class CurlHandle {
    private let handle: UnsafeMutableRawPointer
    /// Of an option.
    private var refusal = CURLE_OK
    private var errorText = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))

    /// Loads what libcurl shares between threads, once.
    private static let isLoaded: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// - Throws: when memory is short.
    init() throws(TransportFailure) {
        guard Self.isLoaded, let handle = unsafe curl_easy_init() else {
            throw .connectionFailed("libcurl cannot be loaded")
        }
        unsafe self.handle = handle
    }

    deinit { unsafe curl_easy_cleanup(handle) }

    /// Makes one exchange, which blocks the thread.
    func perform(_ transfer: Transfer, _ progress: TransferProgress) throws(TransportFailure) {
        if transfer.security.trust == .authorities([]) {
            throw .insecure("no certificate authority is given")
        }
        unsafe curl_easy_reset(handle)
        refusal = CURLE_OK
        set(transfer)
        let headers = HeaderList(transfer.headers)
        let route = HeaderList(transfer.security.connectTo.map { [$0] } ?? [])
        unsafe require(weir_curl_set_list(handle, CURLOPT_HTTPHEADER, headers.first))
        unsafe require(weir_curl_set_list(handle, CURLOPT_CONNECT_TO, route.first))
        progress.attach(to: self)
        let code = unsafe errorText.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.update(repeating: 0)
            unsafe require(weir_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, buffer.baseAddress))
            defer { unsafe require(weir_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil)) }
            guard refusal == CURLE_OK else { return refusal }
            return withExtendedLifetime((headers, route)) { unsafe curl_easy_perform(handle) }
        }
        guard code == CURLE_OK else { throw progress.failure ?? failure(code) }
    }

    // MARK: - Options

    private func set(_ transfer: Transfer) {
        // Signals would be for the whole process.
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_NOPROGRESS, 0)
        set(CURLOPT_URL, transfer.url)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, transfer.connectTimeLimit.milliseconds)
        set(CURLOPT_TIMEOUT_MS, transfer.timeLimit?.milliseconds ?? 0)
        // Also where the environment names a proxy.
        set(CURLOPT_PROXY, transfer.security.proxy)
        set(CURLOPT_NOPROXY, "")
        setBody(transfer)
        setSecurity(transfer.security)
        set(CURLOPT_MAXLIFETIME_CONN, Self.maximumAge)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TCP_KEEPIDLE, Self.keepAliveIdle)
        set(CURLOPT_TCP_KEEPINTVL, Self.keepAliveInterval)
        unsafe require(
            weir_curl_set_socket(handle) { _, descriptor, _ in
                var limit = CurlHandle.unacknowledgedLimit
                _ = unsafe setsockopt(
                    descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &limit,
                    socklen_t(MemoryLayout<UInt32>.size))
                return CURL_SOCKOPT_OK
            })
    }

    /// Seconds after which a connection is not used again, so that new certificates come to bear.
    private static let maximumAge = 300
    /// Seconds of silence before the kernel asks whether the peer is there, and between its questions.
    private static let keepAliveIdle = 30
    private static let keepAliveInterval = 10
    /// Milliseconds after which a peer that acknowledges nothing is gone.
    private static let unacknowledgedLimit: UInt32 = 30_000

    private func setBody(_ transfer: Transfer) {
        guard let body = transfer.body else {
            if transfer.method == .get { set(CURLOPT_HTTPGET, 1) }
            set(CURLOPT_CUSTOMREQUEST, transfer.method.rawValue)
            return
        }
        set(CURLOPT_POST, 1)
        set(CURLOPT_CUSTOMREQUEST, transfer.method.rawValue)
        unsafe require(weir_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        unsafe body.withUnsafeBytes { bytes in
            unsafe require(
                weir_curl_set_pointer(
                    handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress)))
        }
    }

    private func setSecurity(_ security: TransferSecurity) {
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        switch security.trust {
        case .system: break
        case .authorities(let certificates):
            // No authority but these.
            unsafe require(weir_curl_set_text(handle, CURLOPT_CAINFO, nil))
            unsafe require(weir_curl_set_text(handle, CURLOPT_CAPATH, nil))
            setBlob(CURLOPT_CAINFO_BLOB, certificates)
        case .anybody:
            set(CURLOPT_SSL_VERIFYPEER, 0)
            set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        if let identity = security.identity {
            setBlob(CURLOPT_SSLCERT_BLOB, identity.certificates)
            setBlob(CURLOPT_SSLKEY_BLOB, identity.key)
        }
    }

    private func set(_ option: CURLoption, _ number: Int) {
        unsafe require(weir_curl_set_number(handle, option, number))
    }

    private func set(_ option: CURLoption, _ text: String) {
        unsafe require(weir_curl_set_text(handle, option, text))
    }

    private func setBlob(_ option: CURLoption, _ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes {
            unsafe require(weir_curl_set_blob(handle, option, $0.baseAddress, $0.count))
        }
    }

    @unsafe
    func set(_ option: CURLoption, _ address: UnsafeMutableRawPointer) {
        unsafe require(weir_curl_set_pointer(handle, option, address))
    }

    @unsafe
    func set(_ option: CURLoption, _ function: curl_write_callback) {
        unsafe require(weir_curl_set_write(handle, option, function))
    }

    @unsafe
    func setProgress(_ function: curl_xferinfo_callback) {
        unsafe require(weir_curl_set_progress(handle, function))
    }

    /// Without an option that libcurl does not take, a connection may be less safe than it is meant to be: it is
    /// not made.
    private func require(_ code: CURLcode) {
        if code != CURLE_OK { refusal = code }
    }

    // MARK: - Failures

    private func failure(_ code: CURLcode) -> TransportFailure {
        let bytes = errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let text =
            unsafe bytes.isEmpty
            ? String(cString: curl_easy_strerror(code)) : String(decoding: bytes, as: UTF8.self)
        return switch code {
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING: .cutShort
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_INITFAILED,
            CURLE_USE_SSL_FAILED:
            .insecure(text)
        default: .connectionFailed(text)
        }
    }
}

/// Lines for libcurl, which it does not copy.
@safe
private final class HeaderList {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    init(_ lines: [String]) {
        for line in lines {
            guard let longer = unsafe curl_slist_append(first, line) else { fatalError("out of memory") }
            unsafe first = longer
        }
    }

    deinit { unsafe curl_slist_free_all(first) }
}

extension Duration {
    /// At least one, since libcurl takes none for no limit.
    fileprivate var milliseconds: Int {
        let (seconds, attoseconds) = components
        return max(1, Int(clamping: seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
