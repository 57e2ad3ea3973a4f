#include <pg_query.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct weir_parse_task {
    const char *text;
    PgQueryParseResult result;
};

static void *weir_parse_task_run(void *task) {
    ((struct weir_parse_task *)task)->result = pg_query_parse(((struct weir_parse_task *)task)->text);
    return NULL;
}

/* pg_query_parse on a thread of its own with a stack of that many bytes; false when the thread cannot be had. */
static inline bool weir_parse_with_stack(const char *text, size_t stack_size, PgQueryParseResult *result) {
    struct weir_parse_task task = {.text = text};
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    bool started = pthread_attr_setstacksize(&attributes, stack_size) == 0
        && pthread_create(&thread, &attributes, weir_parse_task_run, &task) == 0;
    pthread_attr_destroy(&attributes);
    if (!started) {
        return false;
    }
    pthread_join(thread, NULL);
    *result = task.result;
    return true;
}
