/** What every emitted source file begins with: checks of the compiler, and the few helpers its functions call. */

/** The helpers by name without the file's stem, so that only those used are written: compilers warn of the others. */
const helpers: Record<string, string> = {
  word_le: `
/* 1 to 8 bytes, the first the least significant. */
static inline uint64_t FILE_word_le(const uint8_t *data, unsigned bytes)
{
#ifdef FILE_FAST_WORDS
    uint64_t word;
    uint32_t low;
    uint32_t high;
    if (bytes == 8u) {
        memcpy(&word, data, 8);
        return word;
    }
    if (bytes >= 4u) {
        memcpy(&low, data, 4);
        memcpy(&high, data + bytes - 4u, 4);
        return (uint64_t)low | (uint64_t)high << (bytes - 4u) * 8u;
    }
#endif
    uint64_t value = 0;
    for (unsigned at = 0; at < bytes; at++) {
        value |= (uint64_t)data[at] << at * 8u;
    }
    return value;
}`,
  word_be: `
/* 1 to 8 bytes, the first the most significant of the 8. */
static inline uint64_t FILE_word_be(const uint8_t *data, unsigned bytes)
{
#ifdef FILE_FAST_WORDS
    uint64_t word;
    uint32_t high;
    uint32_t low;
    if (bytes == 8u) {
        memcpy(&word, data, 8);
        return __builtin_bswap64(word);
    }
    if (bytes >= 4u) {
        memcpy(&high, data, 4);
        memcpy(&low, data + bytes - 4u, 4);
        return (uint64_t)__builtin_bswap32(high) << 32 | (uint64_t)__builtin_bswap32(low) << (8u - bytes) * 8u;
    }
#endif
    uint64_t value = 0;
    for (unsigned at = 0; at < bytes; at++) {
        value |= (uint64_t)data[at] << (56u - at * 8u);
    }
    return value;
}`,
  part_le: `
/* As word_le, with zeros for what lies past the payload. */
static uint64_t FILE_part_le(const uint8_t *data, size_t size, size_t from)
{
    uint64_t value = 0;
    for (size_t at = from; at < size && at < from + 8u; at++) {
        value |= (uint64_t)data[at] << (at - from) * 8u;
    }
    return value;
}`,
  part_be: `
/* As word_be, with zeros for what lies past the payload. */
static uint64_t FILE_part_be(const uint8_t *data, size_t size, size_t from)
{
    uint64_t value = 0;
    for (size_t at = from; at < size && at < from + 8u; at++) {
        value |= (uint64_t)data[at] << (56u - (at - from) * 8u);
    }
    return value;
}`,
  float: `
static inline float FILE_float(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}`,
  double: `
static inline double FILE_double(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}`,
  float_bits: `
static inline uint64_t FILE_float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}`,
  double_bits: `
static inline uint64_t FILE_double_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}`,
  short: `
/* Takes back what zeros made up past the end of a short frame. Selectors stand before what they select. */
static void FILE_short(const struct FILE_cover *cover, size_t count, size_t size, double *physical, uint64_t *raw,
                       uint8_t *status)
{
    for (size_t slot = 0; slot < count; slot++) {
        const uint8_t above = cover[slot].selector < 0 ? UPPER_STATUS_OK : status[cover[slot].selector];
        if (above == UPPER_STATUS_ABSENT || above == UPPER_STATUS_INACTIVE) {
            status[slot] = above;
        } else if (status[slot] != UPPER_STATUS_INACTIVE && size < cover[slot].bytes) {
            status[slot] = UPPER_STATUS_ABSENT;
        } else {
            continue;
        }
        physical[slot] = FILE_nan.value;
        raw[slot] = 0;
    }
}`,
};

/** Helpers behind a declaration of their own. */
const declarations: Record<string, string> = {
  cover: `
/* Per signal: slot of its selector or -1, and the bytes a frame must have to hold it. */
struct FILE_cover {
    int32_t selector;
    uint32_t bytes;
};`,
  nan: `
static const union {
    uint64_t bits;
    double value;
} FILE_nan = {UINT64_C(0x7ff8000000000000)};`,
};

const checks = `
#if FLT_RADIX != 2 || DBL_MANT_DIG != 53 || DBL_MAX_EXP != 1024
#error "double must be IEEE 754 binary64 (avr-gcc: -mdouble=64)"
#endif
#if defined(FLT_EVAL_METHOD) && (FLT_EVAL_METHOD == 2 || FLT_EVAL_METHOD < 0)
#error "doubles must be rounded after each operation (x86: -msse2 -mfpmath=sse)"
#endif
#ifdef __FAST_MATH__
#error "compile without -ffast-math: it changes results"
#endif

/* raw * scale + offset rounds twice; fusing both into one operation would round once. gcc ignores the standard pragma. */
#if defined(__GNUC__) && !defined(__clang__)
#ifndef __STRICT_ANSI__
#pragma GCC optimize("fp-contract=off")
#endif
#else
#pragma STDC FP_CONTRACT OFF
#endif

/* Two's complement and shifts that keep the sign. */
typedef char FILE_check[(-1 >> 1) == -1 && (int8_t)(uint8_t)0x80 == -128 ? 1 : -1];

#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && !defined(UPPER_PORTABLE)
#define FILE_FAST_WORDS 1
#endif`;

/**
 * Checks and the helpers that the text calls.
 * @param file stem of the file's names
 * @param body everything that follows
 */
export function preludeText(file: string, body: string): string {
  const used = Object.keys(helpers).filter((name) => body.includes(`${file}_${name}(`));
  const hasShort = used.includes('short');
  const usesNan = hasShort || body.includes(`${file}_nan.`);
  const parts = [
    checks,
    ...(hasShort ? [declarations.cover] : []),
    ...(usesNan ? [declarations.nan] : []),
    ...used.map((name) => helpers[name]),
  ];
  return parts
    .join('\n')
    .replaceAll('FILE_FAST_WORDS', `${file.toUpperCase()}_FAST_WORDS`)
    .replaceAll('FILE_', `${file}_`)
    .replaceAll('UPPER_', `${file.toUpperCase()}_`);
}
