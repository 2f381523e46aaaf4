/** The questions of `miner flash`, in the order in which they are asked, whatever theirs on the command line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eraseSlot, readImageState, reset, writeImageState } from '../../../edge/smp/index.ts';
import { printable } from '../../dbc/printable.ts';
import { toolError } from '../../errors/index.ts';
import {
  changeSetting,
  dateTime,
  downloadLog,
  type FlashDeviceSession,
  flashText,
  info,
  listSlots,
  sendEcho,
  setDateTime,
  setting,
  slotSizes,
  slotSizeText,
  slotText,
  statistics,
  uploadDisplay,
  waitForBoot,
} from '../../flash/index.ts';
import type { FlashFlags } from '../commands/flash.ts';
import { table } from '../table.ts';

export function isQuestion({
  list,
  slotInfo,
  info,
  echo,
  stats,
  datetime,
  get,
  set,
  downloadLog,
}: FlashFlags): boolean {
  return [list, slotInfo, info, echo, stats, datetime, get, set, downloadLog].some((flag) => flag !== undefined);
}

/** @param isFlashed an image came before: erasing, confirming and resetting were about it */
export async function askDevice(session: FlashDeviceSession, isFlashed: boolean, flags: FlashFlags): Promise<void> {
  const tell = (event: string, facts: object, text: string) =>
    process.stdout.write(flags.json ? `${JSON.stringify({ event, ...facts })}\n` : `${text}\n`);
  if (flags.set !== undefined) {
    const isSaved = await changeSetting(session, flags.set);
    const { name } = flags.set;
    tell('set', { name, isSaved }, `${name}: changed${isSaved ? ' and saved' : ' until the next reset'}`);
  }
  if (typeof flags.datetime === 'number') await setDateTime(session, flags.datetime);
  if (!isFlashed) await act(session, flags, tell);
  if (flags.echo !== undefined) {
    const tookMs = await sendEcho(session, flags.echo);
    tell('echo', { text: flags.echo, tookMs }, `echo: ${flags.echo} (${tookMs.toFixed(1)} ms)`);
  }
  if (flags.info) {
    const output = await info(session);
    tell('info', { info: output }, printable(output));
  }
  if (flags.datetime !== undefined) {
    const time = await dateTime(session);
    tell('datetime', { datetime: time }, printable(time));
  }
  if (flags.list) {
    const slots = await listSlots(session);
    tell('list', { slots }, slots.map(slotText).join('\n') || 'no image that boots');
  }
  if (flags.slotInfo) {
    const slots = await slotSizes(session);
    tell('slots', { slots }, slots.map(slotSizeText).join('\n'));
  }
  if (flags.get !== undefined) {
    const value = await setting(session, flags.get);
    tell('setting', value, `${value.name}=${value.number ?? value.text ?? `0x${value.hex}`}`);
  }
  if (flags.stats !== undefined) {
    const groups = await statistics(session, flags.stats === true ? undefined : flags.stats);
    const rows = Object.entries(groups).flatMap(([group, values]) =>
      Object.entries(values).map(([name, value]) => [printable(group), printable(name), value]),
    );
    tell('stats', { groups }, table(rows));
  }
  if (flags.downloadLog !== undefined) await downloadTo(session, flags.downloadLog, flags, tell);
}

type Tell = (event: string, facts: object, text: string) => void;

/** What an image would do as well, about what is in the device already. */
async function act(session: FlashDeviceSession, flags: FlashFlags, tell: Tell): Promise<void> {
  if (flags.erase) {
    await session.run((client) => eraseSlot(client));
    tell('erased', {}, 'erase: the slot is empty');
  }
  if (flags.confirm) {
    const slots = await session.run((client) => writeImageState(client, { confirm: true }));
    const version = slots.find(({ active }) => active)?.version ?? '';
    tell('confirmed', { version, by: 'us' }, `confirmed: ${printable(version)} stays`);
  }
  if (!flags.reset) return;
  const before = await session.run((client) => readImageState(client));
  await session.run((client) => reset(client));
  tell('reset', {}, 'reset: asked for');
  if (flags.waitBoot === 0) return;
  const pending = before.find((slot) => slot.pending)?.hash;
  await waitForBoot(session, { waitBootMs: flags.waitBoot * 1000, pending }, (event) => {
    tell(event.event, event, flashText(event) ?? '');
  });
}

async function downloadTo(session: FlashDeviceSession, folder: string, flags: FlashFlags, tell: Tell): Promise<void> {
  const display = uploadDisplay({ label: 'download', now: () => session.clock.nowMs() });
  try {
    const sum = { files: 0, bytes: 0, verified: 0 };
    for await (const { name, bytes, isVerified } of downloadLog(session, flags.logPath, (step) =>
      display.update(step),
    )) {
      writeLogFile(path.join(folder, name), bytes);
      sum.files++;
      sum.bytes += bytes.length;
      if (isVerified) sum.verified++;
    }
    display.end();
    const text = `${folder}: ${sum.files} files, ${sum.bytes} bytes; the device's SHA-256 agrees with ${sum.verified}`;
    tell('downloaded', { folder, ...sum }, text);
  } finally {
    display.end();
  }
}

/** @throws {MinerError} OUTPUT_UNWRITABLE */
function writeLogFile(file: string, bytes: Uint8Array): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  } catch (cause) {
    throw toolError('OUTPUT_UNWRITABLE', { path: file, reason: (cause as Error).message }, cause);
  }
}
