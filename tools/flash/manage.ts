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
  type SmpClient,
  saveSettings,
  writeDateTime,
  writeSetting,
} from '../../edge/smp/index.ts';
import { toolError } from '../errors/index.ts';
import type { FlashDeviceSession } from './device.ts';
import { type SlotFacts, slotFacts } from './events.ts';

/** Of a file of a device; it is kept in memory until it is whole. */
const downloadBytesMax = 256 << 20;
/** Where a Miner's SMP server shows the packs that have no receipt yet. */
export const offlineLogPath = '/log/packs';

export function listSlots(session: FlashDeviceSession): Promise<SlotFacts[]> {
  return session.run(async (client) => (await readImageState(client)).map(slotFacts));
}

export function slotSizes(session: FlashDeviceSession) {
  return session.run((client) => readSlotInfo(client));
}

/** @returns how long the answer took, in milliseconds. @throws {MinerError} DEVICE_ECHO when it is another text */
export async function sendEcho(session: FlashDeviceSession, text: string): Promise<number> {
  const { clock, name } = session;
  const sentMs = clock.nowMs();
  const answer = await session.run((client) => echo(client, text));
  if (answer !== text) throw toolError('DEVICE_ECHO', { device: name, sent: text, received: answer });
  return clock.nowMs() - sentMs;
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

/** A setting's bytes, and as text where they are printable. */
export interface SettingValue {
  name: string;
  hex: string;
  text?: string;
}

export async function setting(session: FlashDeviceSession, name: string): Promise<SettingValue> {
  const bytes = await session.run((client) => readSetting(client, name));
  const text = Buffer.from(bytes).toString('latin1');
  const isText = /^[\x20-\x7e]+$/.test(text);
  return { name, hex: Buffer.from(bytes).toString('hex'), ...(isText && { text }) };
}

/** Writes, puts into effect, and keeps over a reset; the last two where the device can. */
export function changeSetting(session: FlashDeviceSession, { name, value }: { name: string; value: Uint8Array }) {
  return session.run(async (client: SmpClient) => {
    await writeSetting(client, name, value);
    await ifSupported(commitSettings(client));
    return (await ifSupported(saveSettings(client).then(() => true))) === true;
  });
}

export function download(
  session: FlashDeviceSession,
  path: string,
  onProgress?: (progress: { offsetBytes: number; lengthBytes: number }) => void,
) {
  return session.run((client) => downloadFile(client, { path, bytesMax: downloadBytesMax, onProgress }));
}
