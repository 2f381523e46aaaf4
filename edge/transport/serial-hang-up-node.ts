/**
 * Reading a serial device that may be unplugged. On a hung-up terminal `read` gives 0 bytes for ever, and serialport
 * 13 reads again at once and for ever: no close event, a core at full load and a growing heap (38 of 40 ptys whose
 * master was killed while data flowed). A terminal set to wait for one byte gives 0 only then, so 0 is the end.
 */
import { read as readFile } from 'node:fs';
import type { SerialPort } from 'serialport';

/** What the binding's Unix ports have beyond their common interface. */
interface UnixPort {
  readonly isOpen: boolean;
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', ready: (problem: Error | null) => void): unknown };
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
}

/** Makes an open port, of which nothing was read yet, end on a hang-up. On Windows there is nothing to do. */
export function endOnHangUp(port: SerialPort): void {
  const unixPort = port.port as unknown as Partial<UnixPort> | undefined;
  if (unixPort?.poller === undefined || unixPort.fd === undefined) return;
  const reading = unixPort as UnixPort;
  reading.read = (buffer, offset, length) => readOrEnd(reading, buffer, offset, length);
}

async function readOrEnd(port: UnixPort, buffer: Buffer, offset: number, length: number) {
  for (;;) {
    if (!port.isOpen || port.fd === null) throw canceled();
    const bytesRead = await readSome(port.fd, buffer, offset, length);
    if (bytesRead > 0) return { buffer, bytesRead };
    if (!port.isOpen) throw canceled();
    if (bytesRead === 0) throw new Error('the device hung up');
    await new Promise<void>((resolve, reject) => {
      port.poller.once('readable', (problem) => (problem ? reject(problem) : resolve()));
    });
  }
}

/** @returns bytes read, 0 at the end, -1 when there are none yet */
function readSome(fd: number, buffer: Buffer, offset: number, length: number): Promise<number> {
  return new Promise((resolve, reject) => {
    readFile(fd, buffer, offset, length, null, (problem, bytesRead) => {
      if (!problem) resolve(bytesRead);
      else if (problem.code === 'EAGAIN' || problem.code === 'EINTR') resolve(-1);
      else reject(problem);
    });
  });
}

/** How the binding says that a read ended because the port was closed here. */
function canceled(): Error {
  return Object.assign(new Error('the port was closed'), { canceled: true });
}
