import { FrameFlag } from './frame.ts';
import { microsecondsSince, type Rows } from './text-log-writer.ts';

const space = 0x20;
const hash = 0x23;
const openParen = 0x28;
const closeParen = 0x29;
const dot = 0x2e;
const newline = 0x0a;
const letterR = 0x52;
const letterT = 0x54;
/** CAN_ERR_FLAG of linux/can.h. */
const errorBit = 0x20000000;
/** IFNAMSIZ of linux/if.h. */
const nameCharsMax = 15;

/** The form of `candump -L`, which canplayer reads: `(1436509052.249713) can0 123#DEADBEEF`. */
export function candumpRows(buses: readonly string[] = []): Rows {
  const names: Uint8Array[] = [];
  const nameOf = (bus: number): Uint8Array => {
    const given = (buses[bus] ?? '').replaceAll(/[^!-~]/g, '').slice(0, nameCharsMax);
    const name = given === '' ? `can${bus}` : given;
    names[bus] = new TextEncoder().encode(name);
    return names[bus];
  };
  return {
    header: () => '',
    footer: '',
    row(text, batch, index, count) {
      const flags = batch.flags[index];
      const us = microsecondsSince(0, batch.timeUs[index], count, 'times before 1970');
      const seconds = Math.floor(us / 1e6);
      text.byte(openParen);
      // canplayer wants the width that candump gives.
      text.decimal(seconds, 10);
      text.byte(dot);
      text.decimal(us - seconds * 1e6, 6);
      text.byte(closeParen);
      text.byte(space);
      text.put(names[batch.bus[index]] ?? nameOf(batch.bus[index]));
      text.byte(space);
      const isError = (flags & FrameFlag.error) !== 0;
      const id = isError ? batch.id[index] + errorBit : batch.id[index];
      text.hex(id, isError || (flags & FrameFlag.extended) !== 0 ? 8 : 3);
      text.byte(hash);
      const length = batch.length[index];
      if ((flags & FrameFlag.remote) !== 0) {
        text.byte(letterR);
        if (length > 0) text.hex(length, 1);
      } else {
        if ((flags & FrameFlag.fd) !== 0) {
          text.byte(hash);
          // CANFD_BRS and CANFD_ESI of linux/can.h are bits 0 and 1; ours are the same pair four bits up.
          text.hex((flags >> 4) & 3, 1);
        }
        const at = index * batch.stride;
        text.hexBytes(batch.data, at, at + length, 0);
      }
      if ((flags & FrameFlag.transmitted) !== 0) {
        text.byte(space);
        text.byte(letterT);
      }
      text.byte(newline);
      return true;
    },
  };
}
