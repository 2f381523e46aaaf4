/** Runs `miner dbc decode`: as a shell would, or its work in this process, which spares loading the command line. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MinerError } from '../../../edge/errors/index.ts';
import { type DecodeFlags, runDecode } from '../../../tools/decode/index.ts';

/** The command's file. */
export const bin = fileURLToPath(new URL('../../../tools/cli/bin.mjs', import.meta.url));

/** A folder that goes when the test file ends. */
export function temporaryFolder(): { path: string; file: (name: string, content: string | Uint8Array) => string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-decode-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, content: string | Uint8Array) => {
    const at = path.join(folder, name);
    writeFileSync(at, content);
    return at;
  };
  return { path: folder, file };
}

export function startDecode(args: readonly string[]) {
  return spawn(process.execPath, [bin, 'dbc', 'decode', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
}

/** In this process, to the end. */
export async function decodeHere(
  dbc: string,
  log: string | undefined,
  flags: DecodeFlags,
): Promise<{ report: string; error: MinerError | undefined }> {
  let report = '';
  const { signal } = new AbortController();
  try {
    await runDecode(dbc, log, flags, {
      signal,
      report: (text) => {
        report += text;
      },
    });
  } catch (error) {
    if (error instanceof MinerError) return { report, error };
    throw error;
  }
  return { report, error: undefined };
}

/** As a shell would, to the end. */
export async function runCommand(args: readonly string[], input: string | Uint8Array = '') {
  const child = startDecode(args);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A command that ends without reading its input is none of the test's business.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

/** Records of the frame file. */
export function records(frames: readonly { id: number; ext?: boolean; data: Uint8Array }[], stride: 8 | 64 = 8) {
  const bytes = new Uint8Array(frames.length * (8 + stride));
  const view = new DataView(bytes.buffer);
  frames.forEach(({ id, ext, data }, i) => {
    const at = i * (8 + stride);
    view.setUint32(at, (ext ? 0x80000000 : 0) + id, true);
    view.setUint8(at + 4, data.length);
    bytes.set(data, at + 8);
  });
  return bytes;
}
