// XML signatures by libxmlsec1, reduced to what may be asked of it: whether one signature over one element is made by one key.
#ifndef CXMLSEC_H
#define CXMLSEC_H

#include <stddef.h>

struct _xmlNode;
struct _xmlSecKey;

enum weir_xmlsec_kind { weir_xmlsec_other = 0, weir_xmlsec_rsa = 1, weir_xmlsec_ec = 2 };

// Readies the library, once in a process, whoever asks first; 0 when it cannot be used.
int weir_xmlsec_start(void);

// The public key of the one certificate in `pem`; NULL where there is none. To be freed.
struct _xmlSecKey *weir_xmlsec_key(const unsigned char *pem, size_t count);
void weir_xmlsec_key_free(struct _xmlSecKey *key);
enum weir_xmlsec_kind weir_xmlsec_key_kind(struct _xmlSecKey *key);
// Of an RSA key the modulus, of an elliptic curve's its order, in bits.
size_t weir_xmlsec_key_length(struct _xmlSecKey *key);

// Verifies the `Signature` element by `key`, whatever its KeyInfo says. A reference can lead to its parent alone, by that
// element's attribute ID, and through no transforms but enveloped-signature and exclusive canonicalization.
//
// Returns the bytes whose digest was signed, `*count` of them, to be freed; NULL unless all of it holds.
unsigned char *weir_xmlsec_verify(struct _xmlNode *signature, struct _xmlSecKey *key, size_t *count);
void weir_xmlsec_free(unsigned char *bytes);

#endif
