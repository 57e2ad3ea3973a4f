import NIOCore
import Networking
import Shipping

extension GatewayConfiguration.ControlPlane {
    /// - Throws: when the authorities cannot be read: they are read afresh, as they may have been renewed.
    func client(on loop: any EventLoop) throws -> HTTPClient {
        guard let authorities = SecretFolder.content(of: certificateAuthorities) else {
            throw GatewayFault.unreadableFile(certificateAuthorities)
        }
        return try HTTPClient(baseURL: BaseURL(url), certificateAuthoritiesPEM: authorities, on: loop)
    }

    /// The header by which the pod proves who it is, read afresh: kubelets renew the token in place.
    func authorization() throws -> (name: String, value: String) {
        guard let content = SecretFolder.content(of: token) else {
            throw GatewayFault.unreadableFile(token)
        }
        let token = String(decoding: content, as: UTF8.self).filter { !$0.isWhitespace }
        return ("Authorization", "Bearer \(token)")
    }
}

extension GatewayConfiguration {
    /// The audit sink, to which the pod proves by its token who it is.
    var sinkAddress: SinkAddress {
        let (file, controlPlane) = (sinkCertificateAuthorities, controlPlane)
        return SinkAddress(url: sink) {
            guard let file else { return nil }
            guard let authorities = SecretFolder.content(of: file) else {
                throw GatewayFault.unreadableFile(file)
            }
            return authorities
        } authorization: {
            try controlPlane?.authorization()
        }
    }
}
