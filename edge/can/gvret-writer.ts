import { FrameFlag } from './frame.ts';
import { microsecondsSince, type Rows } from './text-log-writer.ts';

const comma = 0x2c;
const newline = 0x0a;

/** SavvyCAN's CSV with its column Dir. It has no place for remote and error frames, nor for what marks an FD frame. */
export function gvretRows(): Rows {
  return {
    header: () => 'Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n',
    footer: '',
    row(text, batch, index, count) {
      const flags = batch.flags[index];
      if ((flags & (FrameFlag.remote | FrameFlag.error)) !== 0) {
        count.dropped((flags & FrameFlag.error) !== 0 ? 'error frames' : 'remote frames');
        return false;
      }
      const length = batch.length[index];
      // A longer payload shows that it is FD.
      if ((flags & FrameFlag.fd) !== 0 && length <= 8) count.lost('the FD format of frames up to 8 bytes');
      if ((flags & FrameFlag.bitRateSwitch) !== 0) count.lost('bit rate switch');
      if ((flags & FrameFlag.errorState) !== 0) count.lost('error state');
      const us = microsecondsSince(0, batch.timeUs[index], count, 'times before 1970');
      text.decimal(us);
      text.byte(comma);
      text.hex(batch.id[index], 8);
      text.text((flags & FrameFlag.extended) !== 0 ? ',true,' : ',false,');
      text.text((flags & FrameFlag.transmitted) !== 0 ? 'Tx,' : 'Rx,');
      text.decimal(batch.bus[index]);
      text.byte(comma);
      text.decimal(length);
      const at = index * batch.stride;
      text.hexBytes(batch.data, at, at + length, comma);
      text.byte(comma);
      text.byte(newline);
      return true;
    },
  };
}
