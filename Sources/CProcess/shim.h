#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* 0 once neither the kernel writes the memory of this process to a file, nor another process of its user reads it. */
static inline int weir_forbid_dumps(void) {
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return -1;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* Whether this process was started to ignore the signal, as nohup does with SIGHUP, or has come to. */
static inline int weir_ignores(int number) {
    struct sigaction action;
    return sigaction(number, 0, &action) == 0 && action.sa_handler == SIG_IGN;
}
