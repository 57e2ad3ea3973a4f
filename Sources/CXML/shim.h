#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>

// A variable that holds a function.
static inline void weir_xml_free(void *pointer) {
    xmlFree(pointer);
}
