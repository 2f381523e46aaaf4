import { FrameFlag, lengthToDlc } from './frame.ts';
import { microsecondsSince, type Rows, startOfLogUs } from './text-log-writer.ts';

const space = 0x20;
const dot = 0x2e;
const newline = 0x0a;
const lowerX = 0x78;

/** Bits of a CANFD line's flags. */
const fdLineFlag = { fd: 0x1000, bitRateSwitch: 0x2000, errorState: 0x4000 } as const;

/** Vector's ASC: base hex, times absolute, from the millisecond in which the first frame came. */
export function ascRows(): Rows {
  let startUs = 0;
  return {
    header(firstUs) {
      startUs = startOfLogUs(firstUs);
      const date = ascDate(startUs / 1000);
      return [
        `date ${date}`,
        'base hex  timestamps absolute',
        'internal events logged',
        '// version 9.0.0',
        `Begin Triggerblock ${date}`,
        '   0.000000 Start of measurement\n',
      ].join('\n');
    },
    footer: 'End TriggerBlock\n',
    row(text, batch, index, count) {
      const flags = batch.flags[index];
      const us = microsecondsSince(startUs, batch.timeUs[index], count, 'times before the first frame');
      const seconds = Math.floor(us / 1e6);
      text.padded(seconds, 4);
      text.byte(dot);
      text.decimal(us - seconds * 1e6, 6);
      text.byte(space);
      const channel = batch.bus[index] + 1;
      if ((flags & FrameFlag.error) !== 0) {
        count.lost('details of error frames');
        text.decimal(channel);
        text.text('  ErrorFrame\n');
        return true;
      }
      const length = batch.length[index];
      const at = index * batch.stride;
      const direction = (flags & FrameFlag.transmitted) !== 0 ? 'Tx' : 'Rx';
      const isExtended = (flags & FrameFlag.extended) !== 0;
      if ((flags & FrameFlag.fd) !== 0) {
        text.text('CANFD ');
        text.padded(channel, 3);
        text.text(` ${direction} `);
        text.shortHex(batch.id[index]);
        if (isExtended) text.byte(lowerX);
        const hasSwitch = (flags & FrameFlag.bitRateSwitch) !== 0;
        const hasState = (flags & FrameFlag.errorState) !== 0;
        text.text(`   ${hasSwitch ? 1 : 0} ${hasState ? 1 : 0} ${lengthToDlc(length).toString(16)} `);
        text.padded(length, 2);
        text.hexBytes(batch.data, at, at + length, space);
        const lineFlags =
          fdLineFlag.fd | (hasSwitch ? fdLineFlag.bitRateSwitch : 0) | (hasState ? fdLineFlag.errorState : 0);
        text.text('        0    0 ');
        text.padded(Number(lineFlags.toString(16)), 8);
        text.text(' 0 0 0 0 0\n');
        return true;
      }
      text.decimal(channel);
      text.text('  ');
      const from = text.length;
      text.shortHex(batch.id[index]);
      if (isExtended) text.byte(lowerX);
      while (text.length < from + 15) text.byte(space);
      text.text(` ${direction}   ${(flags & FrameFlag.remote) !== 0 ? 'r' : 'd'} `);
      text.hex(length, 1);
      if ((flags & FrameFlag.remote) === 0) text.hexBytes(batch.data, at, at + length, space);
      text.byte(newline);
      return true;
    },
  };
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `Fri Jul 10 06:17:32.249 am 2015`, in UTC. */
function ascDate(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  const hour = date.getUTCHours();
  const time = `${two(hour % 12 === 0 ? 12 : hour % 12)}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const thousandths = String(date.getUTCMilliseconds()).padStart(3, '0');
  const day = `${weekdays[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${two(date.getUTCDate())}`;
  return `${day} ${time}.${thousandths} ${hour < 12 ? 'am' : 'pm'} ${date.getUTCFullYear()}`;
}
