#include <sys/prctl.h>
#include <sys/resource.h>

/* 0 once neither the kernel writes the memory of this process to a file, nor another process of its user reads it. */
static inline int weir_forbid_dumps(void) {
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return -1;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
