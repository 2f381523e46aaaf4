/** From the names of a file, which may be anything, to C identifiers: sanitised, unique, never a word of the language. */

/** Longest part of an identifier that a name of the file gives; DBC names have 32 characters, long symbols 128. */
const partLengthMax = 64;

/** Words of C99 and C++, and lower-case macros that compilers predefine (`unix` is 1 with gcc's default dialect). */
const reservedWords = `
  alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl const const_cast constexpr
  continue decltype default delete do double dynamic_cast else enum explicit export extern false far float for friend
  goto i386 if inline int interface linux long mutable namespace near new noexcept not not_eq nullptr operator or or_eq
  private protected public register reinterpret_cast restrict return short signed sizeof small static static_assert
  static_cast struct switch template this thread_local throw true try typedef typeid typename union unix unsigned using
  virtual void volatile wchar_t while xor xor_eq
  int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t size_t memcpy`
  .trim()
  .split(/\s+/);

/**
 * The part of an identifier that a name of the file gives: lower case, words parted by single underscores, of
 * `a` to `z`, `0` to `9` and `_` only; may begin with a digit.
 * @example identifierPart('DI_torqueDriver')  // 'di_torque_driver'
 */
export function identifierPart(name: string): string {
  const words = name
    .slice(0, 4 * partLengthMax)
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  return words.join('_').toLowerCase().slice(0, partLengthMax).replace(/_$/, '') || 'unnamed';
}

/** Hands out names of one name space, each once. The same requests in the same order get the same names. */
export class Identifiers {
  readonly #used = new Set<string>(reservedWords);
  readonly #next = new Map<string, number>();

  /**
   * Finds the first of `stem`, `stem_2`, `stem_3`... for which all derived names are free, and takes those.
   * @param derive every identifier that will be built on the stem
   */
  claim(stem: string, derive: (stem: string) => string[]): string {
    for (let n = this.#next.get(stem) ?? 1; ; n++) {
      const candidate = n === 1 ? stem : `${stem}_${n}`;
      const derived = derive(candidate);
      if (derived.some((name) => this.#used.has(name))) continue;
      for (const name of derived) this.#used.add(name);
      this.#next.set(stem, n + 1);
      return candidate;
    }
  }

  /** Takes one name for a member of a struct, where nothing goes before it. */
  member(name: string): string {
    const part = identifierPart(name);
    return this.claim(/^[0-9]/.test(part) ? `s_${part}` : part, (stem) => [stem]);
  }
}

/**
 * A text of the file as it may stand in a comment: anything that could end the comment, continue a line or spell a
 * trigraph becomes a point. The text ends up between blanks.
 */
export function commentText(text: string): string {
  return text.slice(0, 2 * partLengthMax).replace(/[^A-Za-z0-9 _.,:;()%+=<>/-]/g, '.');
}
