// What an identity provider does: keys, certificates, and XML signatures of every kind, also of those that nobody should take.
#ifndef SAML_SIGNING_H
#define SAML_SIGNING_H

#include <stddef.h>

// A key of `bits` bits of RSA, or of the curve named (`bits` is 0 then), and a certificate of its own, both PEM, to be freed
// with free(). 0 when it cannot be made.
int saml_make_key(unsigned int bits, const char *curve, char **key, char **certificate);

// Fills in the signature of the element whose attribute ID is `id`: a template as XML Signature has it, which is its child or
// anywhere else within `signature_parent`, another element's ID. `key` is PEM, or a shared secret. NULL when it cannot be done.
char *saml_sign(const char *xml, const char *id, const char *signature_parent, const char *key, int is_shared);

#endif
