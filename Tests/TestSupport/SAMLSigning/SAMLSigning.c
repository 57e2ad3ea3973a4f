#define XMLSEC_NO_SIZE_T
#define XMLSEC_NO_CRYPTO_DYNAMIC_LOADING 1
#define XMLSEC_CRYPTO_OPENSSL 1

#include "SAMLSigning.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

#include "CXMLSec.h"

static char *text_of(BIO *memory) {
    char *bytes = NULL;
    long count = BIO_get_mem_data(memory, &bytes);
    char *copy = strndup(bytes, (size_t)count);
    BIO_free(memory);
    return copy;
}

int saml_make_key(unsigned int bits, const char *curve, char **key, char **certificate) {
    EVP_PKEY *pair = bits > 0 ? EVP_RSA_gen(bits) : EVP_EC_gen(curve);
    X509 *own = X509_new();
    if (pair == NULL || own == NULL) return 0;
    X509_set_version(own, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(own), 1);
    X509_gmtime_adj(X509_getm_notBefore(own), 0);
    X509_gmtime_adj(X509_getm_notAfter(own), 86400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(own), "CN", MBSTRING_ASC, (const unsigned char *)"idp", -1, -1, 0);
    X509_set_issuer_name(own, X509_get_subject_name(own));
    X509_set_pubkey(own, pair);
    if (X509_sign(own, pair, EVP_sha256()) == 0) return 0;
    BIO *memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(memory, pair, NULL, NULL, 0, NULL, NULL);
    *key = text_of(memory);
    memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(memory, own);
    *certificate = text_of(memory);
    X509_free(own);
    EVP_PKEY_free(pair);
    return 1;
}

// Registers all IDs.
static xmlNodePtr element_of(xmlNodePtr node, const char *id) {
    xmlNodePtr found = NULL;
    for (; node != NULL; node = node->next) {
        xmlAttrPtr attribute = node->type == XML_ELEMENT_NODE ? xmlHasNsProp(node, BAD_CAST "ID", NULL) : NULL;
        if (attribute != NULL) {
            xmlChar *value = xmlGetNoNsProp(node, BAD_CAST "ID");
            xmlAddID(NULL, node->doc, value, attribute);
            if (found == NULL && strcmp((char *)value, id) == 0) found = node;
            xmlFree(value);
        }
        xmlNodePtr inner = element_of(node->children, id);
        if (found == NULL) found = inner;
    }
    return found;
}

char *saml_sign(const char *xml, const char *id, const char *signature_parent, const char *key, int is_shared) {
    weir_xmlsec_start();
    xmlDocPtr document = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOENT);
    if (document == NULL) return NULL;
    char *result = NULL;
    xmlNodePtr parent = element_of(xmlDocGetRootElement(document), signature_parent != NULL ? signature_parent : id);
    xmlNodePtr signature = parent == NULL ? NULL : xmlSecFindChild(parent, xmlSecNodeSignature, xmlSecDSigNs);
    if (parent != NULL && signature == NULL) signature = xmlSecFindNode(parent, xmlSecNodeSignature, xmlSecDSigNs);
    xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
    context->signKey = is_shared
        ? xmlSecKeyReadMemory(xmlSecKeyDataHmacId, (const xmlSecByte *)key, (xmlSecSize)strlen(key))
        : xmlSecCryptoAppKeyLoadMemory(
              (const xmlSecByte *)key, (xmlSecSize)strlen(key), xmlSecKeyDataFormatPem, NULL, NULL, NULL);
    if (signature != NULL && context->signKey != NULL && xmlSecDSigCtxSign(context, signature) == 0) {
        xmlChar *bytes = NULL;
        int count = 0;
        xmlDocDumpMemory(document, &bytes, &count);
        result = strndup((char *)bytes, (size_t)count);
        xmlFree(bytes);
    }
    xmlSecDSigCtxDestroy(context);
    xmlFreeDoc(document);
    return result;
}
