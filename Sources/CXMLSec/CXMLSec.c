// What libxmlsec1's own flags would say, and what SwiftPM takes no flags for.
#define XMLSEC_NO_SIZE_T
#define XMLSEC_NO_CRYPTO_DYNAMIC_LOADING 1
#define XMLSEC_CRYPTO_OPENSSL 1

#include "CXMLSec.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/valid.h>
#include <openssl/evp.h>
#include <xmlsec/buffer.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/keys.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

static void ignore(void *context, const char *message, ...) {
    (void)context;
    (void)message;
}

static int is_ready = 0;

static void start(void) {
    xmlInitParser();
    if (xmlSecInit() < 0 || xmlSecCheckVersion() != 1) return;
    // Reasons are for people; nothing of a peer's reaches standard error.
    xmlSecErrorsSetCallback(NULL);
    is_ready = xmlSecCryptoAppInit(NULL) >= 0 && xmlSecCryptoInit() >= 0;
}

int weir_xmlsec_start(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    return pthread_once(&once, start) == 0 && is_ready;
}

struct _xmlSecKey *weir_xmlsec_key(const unsigned char *pem, size_t count) {
    return xmlSecCryptoAppKeyLoadMemory(pem, (xmlSecSize)count, xmlSecKeyDataFormatCertPem, NULL, NULL, NULL);
}

void weir_xmlsec_key_free(struct _xmlSecKey *key) { xmlSecKeyDestroy(key); }

enum weir_xmlsec_kind weir_xmlsec_key_kind(struct _xmlSecKey *key) {
    xmlSecKeyDataPtr value = xmlSecKeyGetValue(key);
    if (value != NULL && xmlSecKeyDataCheckId(value, xmlSecKeyDataRsaId)) return weir_xmlsec_rsa;
    if (value != NULL && xmlSecKeyDataCheckId(value, xmlSecKeyDataEcdsaId)) return weir_xmlsec_ec;
    return weir_xmlsec_other;
}

size_t weir_xmlsec_key_length(struct _xmlSecKey *key) {
    xmlSecKeyDataPtr value = xmlSecKeyGetValue(key);
    EVP_PKEY *pair = value == NULL ? NULL : xmlSecOpenSSLEvpKeyDataGetEvp(value);
    return pair == NULL ? 0 : (size_t)EVP_PKEY_get_bits(pair);
}

// Leaves nothing possible but what is named here.
static int restrict_transforms(xmlSecDSigCtxPtr context) {
    const xmlSecTransformId references[] = {
        xmlSecTransformEnvelopedId, xmlSecTransformExclC14NId, xmlSecTransformSha256Id, xmlSecTransformSha384Id,
        xmlSecTransformSha512Id,
    };
    const xmlSecTransformId signatures[] = {
        xmlSecTransformExclC14NId,   xmlSecTransformRsaSha256Id,   xmlSecTransformRsaSha384Id,
        xmlSecTransformRsaSha512Id,  xmlSecTransformEcdsaSha256Id, xmlSecTransformEcdsaSha384Id,
        xmlSecTransformEcdsaSha512Id,
    };
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (xmlSecDSigCtxEnableReferenceTransform(context, references[i]) < 0) return 0;
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (xmlSecDSigCtxEnableSignatureTransform(context, signatures[i]) < 0) return 0;
    return 1;
}

// The bytes of the only reference, if it led to `element`; a copy.
static unsigned char *signed_bytes(xmlSecDSigCtxPtr context, xmlNodePtr element, size_t *count) {
    if (xmlSecPtrListGetSize(&context->signedInfoReferences) != 1) return NULL;
    xmlSecDSigReferenceCtxPtr reference = xmlSecPtrListGetItem(&context->signedInfoReferences, 0);
    xmlChar *id = xmlGetNoNsProp(element, BAD_CAST "ID");
    int is_own = reference != NULL && reference->status == xmlSecDSigStatusSucceeded && id != NULL
        && reference->uri != NULL && reference->uri[0] == '#' && xmlStrEqual(reference->uri + 1, id);
    xmlFree(id);
    xmlSecBufferPtr buffer = is_own ? xmlSecDSigReferenceCtxGetPreDigestBuffer(reference) : NULL;
    if (buffer == NULL || xmlSecBufferGetSize(buffer) == 0) return NULL;
    unsigned char *copy = malloc(xmlSecBufferGetSize(buffer));
    if (copy == NULL) return NULL;
    *count = xmlSecBufferGetSize(buffer);
    return memcpy(copy, xmlSecBufferGetData(buffer), *count);
}

unsigned char *weir_xmlsec_verify(struct _xmlNode *signature, struct _xmlSecKey *key, size_t *count) {
    xmlNodePtr element = signature->parent;
    xmlAttrPtr attribute = element == NULL ? NULL : xmlHasNsProp(element, BAD_CAST "ID", NULL);
    xmlChar *id = attribute == NULL ? NULL : xmlGetNoNsProp(element, BAD_CAST "ID");
    if (id == NULL) return NULL;
    xmlAttrPtr known = xmlGetID(signature->doc, id);
    // Nothing else is an ID, so that nothing else can be meant.
    if (known == NULL && xmlAddID(NULL, signature->doc, id, attribute) != NULL) known = attribute;
    xmlFree(id);
    if (known != attribute) return NULL;

    unsigned char *bytes = NULL;
    xmlSetGenericErrorFunc(NULL, ignore);
    xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
    if (context == NULL) return NULL;
    context->flags |= XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES;
    context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
    // With a key of ours, KeyInfo is not read.
    context->signKey = xmlSecKeyDuplicate(key);
    if (context->signKey != NULL && restrict_transforms(context) && xmlSecDSigCtxVerify(context, signature) == 0
        && context->status == xmlSecDSigStatusSucceeded)
        bytes = signed_bytes(context, element, count);
    xmlSecDSigCtxDestroy(context);
    return bytes;
}

void weir_xmlsec_free(unsigned char *bytes) { free(bytes); }
