import { FrameFlag, lengthToDlc } from './frame.ts';
import { microsecondsSince, type Rows, startOfLogUs } from './text-log-writer.ts';

const space = 0x20;
const dot = 0x2e;

const msPerDay = 86_400_000;
/** 1899-12-30, from which STARTTIME counts days, to 1970-01-01. */
const daysToEpoch = 25_569;

/** PCAN's TRC 2.1, times from the millisecond in which the first frame came. */
export function trcRows(): Rows {
  let startUs = 0;
  let number = 0;
  return {
    header(firstUs) {
      startUs = startOfLogUs(firstUs);
      const ms = startUs / 1000;
      const wholeDays = Math.floor(ms / msPerDay);
      // Thirteen decimals of a day tell microseconds.
      const part = ((ms - wholeDays * msPerDay) / msPerDay).toFixed(13).slice(1);
      const days = `${wholeDays + daysToEpoch}${part}`;
      return [
        ';$FILEVERSION=2.1',
        `;$STARTTIME=${days}`,
        ';$COLUMNS=N,O,T,B,I,d,R,L,D',
        ';',
        `;   Start time: ${new Date(startUs / 1000).toISOString()}`,
        ';-------------------------------------------------------------------------------',
        ';   Message   Time    Type    ID     Rx/Tx',
        ';   Number    Offset  |  Bus  [hex]  |  Reserved',
        ';   |         [ms]    |  |    |      |  |  Data Length Code',
        ';   |         |       |  |    |      |  |  |    Data [hex] ...',
        ';   |         |       |  |    |      |  |  |    |',
        ';---+-- ------+------ +- +- --+----- +- +- +--- +- -- -- -- -- -- -- --\r\n',
      ].join('\r\n');
    },
    footer: '',
    row(text, batch, index, count) {
      const flags = batch.flags[index];
      if ((flags & FrameFlag.error) !== 0) {
        count.dropped('error frames');
        return false;
      }
      const us = microsecondsSince(startUs, batch.timeUs[index], count, 'times before the first frame');
      const ms = Math.floor(us / 1000);
      text.padded(++number, 7);
      text.byte(space);
      text.padded(ms, 9);
      text.byte(dot);
      text.decimal(us - ms * 1000, 3);
      text.text(` ${typeOf(flags)} `);
      text.padded(batch.bus[index] + 1, 2);
      const isExtended = (flags & FrameFlag.extended) !== 0;
      text.text(isExtended ? ' ' : '     ');
      text.hex(batch.id[index], isExtended ? 8 : 4);
      text.text((flags & FrameFlag.transmitted) !== 0 ? ' Tx -  ' : ' Rx -  ');
      const length = batch.length[index];
      const from = text.length;
      text.decimal(lengthToDlc(length));
      while (text.length < from + 4) text.byte(space);
      const at = index * batch.stride;
      if ((flags & FrameFlag.remote) === 0) text.hexBytes(batch.data, at, at + length, space);
      text.text(' \r\n');
      return true;
    },
  };
}

function typeOf(flags: number): string {
  if ((flags & FrameFlag.remote) !== 0) return 'RR';
  if ((flags & FrameFlag.fd) === 0) return 'DT';
  const hasSwitch = (flags & FrameFlag.bitRateSwitch) !== 0;
  const hasState = (flags & FrameFlag.errorState) !== 0;
  if (hasSwitch) return hasState ? 'BI' : 'FB';
  return hasState ? 'FE' : 'FD';
}
