/** The questions of `miner flash`, in the order in which they are asked, whatever theirs on the command line. */
import { writeFileSync } from 'node:fs';
import { eraseSlot, readImageState, reset, writeImageState } from '../../../edge/smp/index.ts';
import { toolError } from '../../errors/index.ts';
import {
  changeSetting,
  dateTime,
  download,
  type FlashDeviceSession,
  flashText,
  info,
  listSlots,
  offlineLogPath,
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
    tell('info', { info: output }, output);
  }
  if (flags.datetime !== undefined) {
    const time = await dateTime(session);
    tell('datetime', { datetime: time }, time);
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
    tell('setting', value, `${value.name}=${value.text ?? `0x${value.hex}`}`);
  }
  if (flags.stats !== undefined) {
    const groups = await statistics(session, flags.stats === true ? undefined : flags.stats);
    const rows = Object.entries(groups).flatMap(([group, values]) =>
      Object.entries(values).map(([name, value]) => [group, name, value]),
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
    tell('confirmed', { version, by: 'us' }, `confirmed: ${version} stays`);
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

async function downloadTo(session: FlashDeviceSession, path: string, flags: FlashFlags, tell: Tell): Promise<void> {
  const display = uploadDisplay({ label: 'download', now: () => session.clock.nowMs() });
  try {
    const { bytes, isVerified } = await download(session, flags.logPath ?? offlineLogPath, (progress) =>
      display.update(progress),
    );
    try {
      writeFileSync(path, bytes);
    } catch (cause) {
      throw toolError('OUTPUT_UNWRITABLE', { path, reason: (cause as Error).message }, cause);
    }
    display.end();
    const check = isVerified ? ', as its SHA-256 in the device' : '';
    tell(
      'downloaded',
      { path, bytes: bytes.length, isVerified: isVerified ?? false },
      `${path}: ${bytes.length} bytes${check}`,
    );
  } finally {
    display.end();
  }
}
