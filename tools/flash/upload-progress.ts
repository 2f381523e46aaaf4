/** How far an upload is: a line that is drawn over on a terminal, a plain line each tenth elsewhere. */
import { bytesText, createProgress, type ProgressStream } from '../progress.ts';

export interface UploadProgressOptions {
  label: string;
  /** stderr unless told. */
  stream?: ProgressStream;
  /** Milliseconds, monotonic. */
  now: () => number;
}

export interface UploadDisplay {
  update(progress: { offsetBytes: number; lengthBytes: number }): void;
  end(): void;
}

export function uploadDisplay({ label, stream = process.stderr, now }: UploadProgressOptions): UploadDisplay {
  return stream.isTTY ? drawn(label, stream, now) : plain(label, stream, now);
}

function drawn(label: string, stream: ProgressStream, now: () => number): UploadDisplay {
  let progress: ReturnType<typeof createProgress> | undefined;
  return {
    update({ offsetBytes, lengthBytes }) {
      progress ??= createProgress({ label, totalBytes: lengthBytes, unit: 'B', stream, now });
      progress.update(offsetBytes, offsetBytes);
    },
    end: () => progress?.end(),
  };
}

function plain(label: string, stream: ProgressStream, now: () => number): UploadDisplay {
  let tenth: number | undefined;
  let start = { ms: now(), offsetBytes: 0 };
  return {
    update({ offsetBytes, lengthBytes }) {
      // What was there before says nothing about the rate.
      if (tenth === undefined) start = { ms: now(), offsetBytes };
      const reached = Math.floor((10 * offsetBytes) / lengthBytes);
      if (tenth !== undefined && reached <= tenth) return;
      tenth = reached;
      const share = `${10 * reached} %`.padStart(5);
      const seconds = (now() - start.ms) / 1000;
      const rate = seconds > 0 ? (offsetBytes - start.offsetBytes) / seconds : 0;
      const left = rate > 0 ? `, ${bytesText(rate)}/s, ${Math.ceil((lengthBytes - offsetBytes) / rate)} s left` : '';
      stream.write(`${label}: ${share}, ${offsetBytes} of ${lengthBytes} bytes${left}\n`);
    },
    end() {},
  };
}
