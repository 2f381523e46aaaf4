/** Numbers as text that reads back as the same number. */

/** Shortest text that reads back as the same double; `-0.0` keeps its sign. */
export function numberText(value: number): string {
  return value === 0 && Object.is(value, -0) ? '-0.0' : String(value);
}

/** Makes the text of times; keeps the last second, for frames of a log share it. */
export class TimeText {
  #second = Number.NaN;
  #prefix = '';

  /**
   * Seconds with as many decimals as microseconds need: the shortest text that reads back as `timeUs / 1e6`.
   * @returns '' when there is no time (NaN)
   */
  text(timeUs: number): string {
    // Neither nanoseconds nor times that only a damaged log has are put together from whole microseconds.
    if (!Number.isSafeInteger(timeUs) || timeUs < 0) return Number.isNaN(timeUs) ? '' : numberText(timeUs / 1e6);
    const second = Math.floor(timeUs / 1e6);
    const us = timeUs - second * 1e6;
    if (second !== this.#second) {
      this.#second = second;
      this.#prefix = `${second}`;
    }
    if (us === 0) return this.#prefix;
    const digits = String(us + 1e6);
    let end = 7;
    while (digits.charCodeAt(end - 1) === 0x30) end--;
    return `${this.#prefix}.${digits.slice(1, end)}`;
  }
}
