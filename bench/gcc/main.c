/*
 * Times the emitted C on a file of frames: what firmware does for each frame that arrives, in the order of arrival.
 *
 * lean: look the key up, unpack the frame into the message's struct, turn every activated member into a double and
 *       store it. No status, no 64-bit raw.
 * full: the decoder with the meaning of every other back end: value, raw and status of each signal of the message.
 *
 * Everything is one translation unit and static, so that the compiler may inline what it likes; after each frame the
 * results escape through an empty asm statement, so that it can leave out no store.
 *
 * Arguments: frames, results of the checked frames (written), count of checked frames, warm-up rounds, timed rounds.
 * Prints one line per round: `lean` or `full`, and seconds; then `mismatches` and their number.
 */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DBC_API static
#include "dbc.c"

#if DBC_MESSAGE_COUNT > 32767
#error "indices are kept in 16 bits"
#endif

/* STRIDE is 8 or 64, as the frames' longest payload. */
struct record {
    uint32_t key;
    uint8_t size;
    uint8_t reserved[3];
    uint8_t data[STRIDE];
};

#define SLOTS (DBC_SLOT_COUNT > 0 ? DBC_SLOT_COUNT : 1)
#define ESCAPE(pointer) __asm__ volatile("" : : "r"(pointer) : "memory")

static double physical[SLOTS];
static uint64_t raw[SLOTS];
static uint8_t status[SLOTS];

/*
 * Look-up as a careful programmer would have it: a table for 11-bit ids (a third faster than the compiler's binary search
 * over a switch), and for 29-bit ids a cache of what dbc_find said.
 */
static int16_t standard[2048];
static struct {
    uint32_t key;
    int32_t index;
} extended[4096];

static void prepare(void)
{
    for (uint32_t id = 0; id < 2048u; id++) {
        standard[id] = (int16_t)dbc_find(id);
    }
    for (size_t i = 0; i < 4096u; i++) {
        extended[i].index = -1;
    }
}

static inline int find(uint32_t key)
{
    if (key < 2048u) {
        return standard[key];
    }
    const uint32_t at = key * UINT32_C(0x9e3779b1) >> 20;
    if (extended[at].key != key) {
        extended[at].key = key;
        extended[at].index = dbc_find(key);
    }
    return extended[at].index;
}

/*
 * Unpack and values of one message, -1 for a short frame. One function each: in one function of all messages gcc reaches
 * its limit of growth, and leaves half of them calls.
 */
#define RUN(name, index)                                                                                               \
    static __attribute__((noinline)) int run_##name(const uint8_t *data, size_t size, double *out)                     \
    {                                                                                                                  \
        struct name##_t message;                                                                                       \
        if (name##_unpack(&message, data, size) != 0) {                                                                \
            return -1;                                                                                                 \
        }                                                                                                              \
        name##_physical(&message, out);                                                                                \
        return index;                                                                                                  \
    }
DBC_MESSAGES(RUN)

#define CASE(name, index)                                                                                              \
    case index:                                                                                                        \
        return run_##name(data, size, out);

#define FULL_CASE(name, index)                                                                                         \
    case index:                                                                                                        \
        name##_decode(data, size, physical, raw, status);                                                              \
        return index;

/* Unpack and values of one frame; -1 for an unknown key or a short frame. */
static inline int lean(uint32_t key, const uint8_t *data, size_t size, double *out)
{
    switch (find(key)) {
        DBC_MESSAGES(CASE)
    default:
        return -1;
    }
}

/* Value, raw and status of one frame. */
static inline int full(uint32_t key, const uint8_t *data, size_t size)
{
    const int index = find(key);
    switch (index) {
        DBC_MESSAGES(FULL_CASE)
    default:
        return -1;
    }
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double time_lean(const struct record *records, size_t count)
{
    const double start = seconds_now();
    for (size_t i = 0; i < count; i++) {
        (void)lean(records[i].key, records[i].data, records[i].size, physical);
        ESCAPE(physical);
    }
    return seconds_now() - start;
}

static double time_full(const struct record *records, size_t count)
{
    const double start = seconds_now();
    for (size_t i = 0; i < count; i++) {
        (void)full(records[i].key, records[i].data, records[i].size);
        ESCAPE(physical);
        ESCAPE(raw);
        ESCAPE(status);
    }
    return seconds_now() - start;
}

/* Writes index, values and status of the first frames, and counts lean values that differ from the full ones. */
static size_t check(const struct record *records, size_t count, FILE *results)
{
    static double leanly[SLOTS];
    size_t mismatches = 0;
    for (size_t i = 0; i < count; i++) {
        const int32_t index = full(records[i].key, records[i].data, records[i].size);
        mismatches += index != dbc_find(records[i].key);
        for (size_t slot = 0; slot < SLOTS; slot++) {
            leanly[slot] = -1.5;
        }
        const int same = lean(records[i].key, records[i].data, records[i].size, leanly);
        mismatches += same != index && same != -1;
        for (size_t slot = 0; same >= 0 && slot < SLOTS; slot++) {
            const bool is_left = leanly[slot] == -1.5;
            const bool is_nan = leanly[slot] != leanly[slot] && physical[slot] != physical[slot];
            mismatches += !is_left && !is_nan && memcmp(&leanly[slot], &physical[slot], sizeof(double)) != 0;
        }
        fwrite(&index, sizeof index, 1, results);
        if (index >= 0) {
            fwrite(physical, sizeof physical, 1, results);
            fwrite(status, sizeof status, 1, results);
        }
    }
    return mismatches;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        return 2;
    }
    FILE *frames = fopen(argv[1], "rb");
    FILE *results = fopen(argv[2], "wb");
    if (frames == NULL || results == NULL || fseek(frames, 0, SEEK_END) != 0) {
        return 3;
    }
    const size_t count = (size_t)ftell(frames) / sizeof(struct record);
    struct record *records = malloc(count * sizeof *records + 1);
    rewind(frames);
    if (records == NULL || fread(records, sizeof *records, count, frames) != count) {
        return 3;
    }
    prepare();
    const size_t checked = strtoul(argv[3], NULL, 10);
    const size_t mismatches = check(records, checked < count ? checked : count, results);
    const long warm_ups = strtol(argv[4], NULL, 10);
    const long rounds = strtol(argv[5], NULL, 10);
    for (long round = -warm_ups; round < rounds; round++) {
        const double lean_seconds = time_lean(records, count);
        const double full_seconds = time_full(records, count);
        if (round >= 0) {
            printf("lean %.9f\nfull %.9f\n", lean_seconds, full_seconds);
        }
    }
    printf("mismatches %zu\n", mismatches);
    return fclose(results) == 0 ? 0 : 3;
}
