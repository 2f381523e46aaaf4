/** What a reader tells about a log beside its frames. */

export interface MalformedLine {
  /** From 1. In a BLF: the number of the object. */
  line: number;
  /** The line, cut to 120 characters. In a BLF: the object's type and place. */
  text: string;
  reason: string;
}

export interface LogStats {
  /** Lines that hold a frame, or should: `frames` and `malformed` together. */
  lines: number;
  frames: number;
  malformed: number;
  /** The first ten. */
  firstMalformed: MalformedLine[];
  /** Lines that are no frame by intent: headers, comments, statistics, events of other buses. Blank ones aside. */
  ignored: number;
  /** CAN XL frames: recognised, and left out, since a FrameBatch holds classic and FD frames only. */
  framesXl: number;
  /** Line ends seen, blank lines included; in a BLF: objects. For line numbers across ranges of one file. */
  linesTotal: number;
  /** Channels by bus number, as the log names them (`can0`, `1`); '' where no frame came by that number. */
  buses: string[];
}

export function emptyStats(): LogStats {
  return {
    lines: 0,
    frames: 0,
    malformed: 0,
    firstMalformed: [],
    ignored: 0,
    framesXl: 0,
    linesTotal: 0,
    buses: [],
  };
}

const firstMalformedMax = 10;

/** Counts what could not be read; `text` is only asked for while examples are kept. */
export function countMalformed(stats: LogStats, line: number, reason: string, text: () => string): void {
  stats.malformed++;
  if (stats.firstMalformed.length < firstMalformedMax) stats.firstMalformed.push({ line, text: text(), reason });
}
