/** One line on a terminal that says how far long work has come: `decode  1.2 GB  43 %  2.1 M/s  0:12 left`. */

export interface ProgressOptions {
  /** What is being done, in a word or two. */
  label: string;
  /** Size of the whole; without it neither share nor time left is shown. */
  totalBytes?: number;
  /** What a unit is, after the rate; `/s` follows it. Default: nothing. */
  unit?: string;
  /** Default: stderr. Nothing is written when it is no terminal. */
  stream?: ProgressStream;
  /** Milliseconds, monotonic. Default: performance.now. */
  now?: () => number;
}

/** The part of a terminal stream that is used. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface Progress {
  /**
   * Cheap enough to be called per batch: the line is drawn five times a second at most.
   * @param bytesDone so far, of the whole
   * @param unitsDone lines or frames so far
   */
  update(bytesDone: number, unitsDone: number): void;
  /** Clears the line. More calls do nothing. */
  end(): void;
}

const drawEveryMs = 200;
/** Before that, a rate would be a guess. */
const rateAfterMs = 500;
const clearLine = '\r\u001b[K';

/**
 * @example
 * const progress = createProgress({ label: 'decode', totalBytes: size, unit: 'lines' });
 * for await (const batch of batches) progress.update(bytesRead(), (lines += batch.count));
 * progress.end();
 */
export function createProgress(options: ProgressOptions): Progress {
  const { label, totalBytes, unit = '', stream = process.stderr, now = () => performance.now() } = options;
  if (stream.isTTY !== true) return { update() {}, end() {} };
  const startMs = now();
  let drawnMs = startMs;
  let drawn = false;
  let ended = false;
  return {
    update(bytesDone, unitsDone) {
      const nowMs = now();
      if (ended || nowMs - drawnMs < drawEveryMs) return;
      drawnMs = nowMs;
      drawn = true;
      const text = progressText({ label, totalBytes, unit, bytesDone, unitsDone, elapsedMs: nowMs - startMs });
      // A line that wraps could not be cleared.
      stream.write(clearLine + text.slice(0, Math.max(20, (stream.columns ?? 80) - 1)));
    },
    end() {
      if (drawn && !ended) stream.write(clearLine);
      ended = true;
    },
  };
}

interface ProgressFacts {
  label: string;
  totalBytes: number | undefined;
  unit: string;
  bytesDone: number;
  unitsDone: number;
  elapsedMs: number;
}

function progressText({ label, totalBytes, unit, bytesDone, unitsDone, elapsedMs }: ProgressFacts): string {
  const parts = [label, bytesText(bytesDone)];
  const share = totalBytes === undefined || totalBytes <= 0 ? undefined : Math.min(1, bytesDone / totalBytes);
  if (share !== undefined) parts.push(`${Math.floor(share * 100)} %`);
  if (elapsedMs >= rateAfterMs) {
    parts.push(`${countText((unitsDone * 1000) / elapsedMs).trim()}${unit && ` ${unit}`}/s`);
    if (share !== undefined && share > 0) parts.push(`${timeText((elapsedMs * (1 - share)) / share)} left`);
  }
  return parts.join('  ');
}

/** Decimal units, three digits: `1.23 GB`. */
export function bytesText(bytes: number): string {
  return `${countText(bytes)}B`;
}

/** Three digits and a decimal prefix, so that a unit may follow: `2.13 M`, `950 `. */
export function countText(count: number): string {
  let value = count;
  for (const prefix of ['', 'k', 'M', 'G']) {
    if (value < 999.5) return `${prefix === '' ? Math.round(value) : Number(value.toPrecision(3))} ${prefix}`;
    value /= 1000;
  }
  return `${Number(value.toPrecision(3))} T`;
}

/** `0:05`, `12:30`, `3:00:00`. */
function timeText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
