/**
 * A process that holds the master side of a pty, as an adapter's firmware would: echoes what it is sent, one byte up.
 * Sends its path as a message, and the text `close` makes it close the pty.
 */
import { openPty } from '../../../edge/transport/node.ts';

const { path, transport } = await openPty();
transport.onData((bytes) => transport.write(bytes.map((byte) => (byte + 1) & 0xff)).catch(() => {}));
transport.onClose(() => process.send?.({ closed: true }));
process.on('message', () => transport.close());
process.on('disconnect', () => process.exit(0));
process.send?.({ path });
