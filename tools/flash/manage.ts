/** What else a device can be asked over SMP, and how it is shown. */
import {
  commitSettings,
  downloadFile,
  echo,
  ifSupported,
  listStatistics,
  readDateTime,
  readImageState,
  readInfo,
  readSetting,
  readSlotInfo,
  readStatistics,
  saveSettings,
  writeDateTime,
  writeSetting,
} from '../../edge/smp/index.ts';
import { toolError } from '../errors/index.ts';
import type { FlashDeviceSession } from './device.ts';
import { type SlotFacts, slotFacts } from './events.ts';

/** Of a file of a device; it is kept in memory until it is whole. */
const downloadBytesMax = 256 << 20;
/** Of a folder of a Miner, a line for each file: size and name. The protocol itself has no listing. */
const indexName = 'index.txt';
const filesMax = 100_000;

export function listSlots(session: FlashDeviceSession): Promise<SlotFacts[]> {
  return session.run(async (client) => (await readImageState(client)).map(slotFacts));
}

export function slotSizes(session: FlashDeviceSession) {
  return session.run((client) => readSlotInfo(client));
}

/** @returns how long the answer took, in milliseconds. @throws {MinerError} DEVICE_ECHO when it is another text */
export function sendEcho(session: FlashDeviceSession, text: string): Promise<number> {
  return session.run(async (client) => {
    const sentMs = session.clock.nowMs();
    const answer = await echo(client, text);
    if (answer !== text) throw toolError('DEVICE_ECHO', { device: session.name, sent: text, received: answer });
    return session.clock.nowMs() - sentMs;
  });
}

/** All groups, or those named, each with its counters. */
export function statistics(
  session: FlashDeviceSession,
  group?: string,
): Promise<Record<string, Record<string, number | string>>> {
  return session.run(async (client) => {
    const names = group === undefined ? await listStatistics(client) : [group];
    const groups: [string, Record<string, number | string>][] = [];
    for (const name of names) {
      const values = [...(await readStatistics(client, name))];
      // JSON has no integers past 2^53.
      const shown = values.map(([field, value]) => [field, typeof value === 'bigint' ? String(value) : value]);
      groups.push([name, Object.fromEntries(shown)]);
    }
    return Object.fromEntries(groups);
  });
}

export function info(session: FlashDeviceSession): Promise<string> {
  return session.run((client) => readInfo(client));
}

export function dateTime(session: FlashDeviceSession): Promise<string> {
  return session.run((client) => readDateTime(client));
}

/** @param unixMs without a zone, as devices take it: in UTC */
export function setDateTime(session: FlashDeviceSession, unixMs: number): Promise<void> {
  const text = new Date(unixMs).toISOString().slice(0, 'yyyy-MM-ddTHH:mm:ss'.length);
  return session.run((client) => writeDateTime(client, text));
}

/** A setting's bytes; as a number where there are four, least significant first, and as text where they are printable. */
export interface SettingValue {
  name: string;
  hex: string;
  number?: number;
  text?: string;
}

export async function setting(session: FlashDeviceSession, name: string): Promise<SettingValue> {
  const bytes = Buffer.from(await session.run((client) => readSetting(client, name)));
  const text = bytes.toString('latin1');
  return {
    name,
    hex: bytes.toString('hex'),
    ...(bytes.length === 4 && { number: bytes.readUInt32LE() }),
    ...(/^[\x20-\x7e]+$/.test(text) && { text }),
  };
}

/**
 * Writes, puts into effect, and keeps over a reset; the last two where the device can.
 * @returns whether it is kept
 */
export function changeSetting(
  session: FlashDeviceSession,
  { name, value }: { name: string; value: Uint8Array },
): Promise<boolean> {
  return session.run(async (client) => {
    await writeSetting(client, name, value);
    await ifSupported(commitSettings(client));
    return (await ifSupported(saveSettings(client).then(() => true))) === true;
  });
}

export interface LogFile {
  name: string;
  bytes: Uint8Array;
  /** Whether the device's own SHA-256 agrees; undefined where it gives none, or the file is empty. */
  isVerified: boolean | undefined;
}

/**
 * Reads the files of a folder that has an index, one after another.
 * @throws {MinerError} DEVICE_INDEX when the index is none; those of downloadFile
 */
export async function* downloadLog(
  session: FlashDeviceSession,
  folder: string,
  onProgress?: (progress: { offsetBytes: number; lengthBytes: number }) => void,
): AsyncGenerator<LogFile> {
  const download = (name: string, bytesMax: number, tell?: typeof onProgress) =>
    session.run((client) => downloadFile(client, { path: `${folder}/${name}`, bytesMax, onProgress: tell }));
  const index = await download(indexName, indexBytesMax);
  const files = readIndex(session.name, Buffer.from(index.bytes).toString('latin1'));
  const lengthBytes = files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const { name } of files) {
    // The last one may have grown meanwhile.
    const { bytes, isVerified } = await download(name, downloadBytesMax, ({ offsetBytes }) =>
      onProgress?.({ offsetBytes: Math.min(before + offsetBytes, lengthBytes), lengthBytes }),
    );
    before += bytes.length;
    yield { name, bytes, isVerified };
  }
}

const indexBytesMax = 8 << 20;

/** A name may lead nowhere else than into the folder that it is written to. */
function readIndex(device: string, text: string): { name: string; size: number }[] {
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length > filesMax) throw toolError('DEVICE_INDEX', { device, problem: `${lines.length} files` });
  return lines.map((line) => {
    const parts = /^(\d{1,15}) ([A-Za-z0-9_-][A-Za-z0-9._-]{0,99})$/.exec(line);
    if (parts === null) throw toolError('DEVICE_INDEX', { device, problem: JSON.stringify(line.slice(0, 100)) });
    return { size: Number(parts[1]), name: parts[2] };
  });
}
