/** Every error the Miner can report, by folder. docs/errors.md is drawn from this table. */
import { errorFactory, spec } from './miner-error.ts';

export const edgeErrors = {
  // can: logs
  LOG_FORMAT_UNKNOWN: spec<{ path: string; firstLine: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: not a known log format; it begins with ${JSON.stringify(f.firstLine)}`,
    hint: () =>
      'candump, Vector ASC and BLF, PCAN TRC and SavvyCAN/GVRET CSV are read; convert other logs with their own tool first',
  }),
  LOG_FORMAT_UNNAMED: spec<{ path: string }>({
    exitCode: 2,
    message: (f) => `${f.path}: the name does not say in which log format to write`,
    hint: () => 'end it with .log (candump), .asc, .blf, .trc or .csv, or name the format',
  }),
  LOG_NOT_DIVISIBLE: spec<{ path: string; reason: string }>({
    exitCode: 2,
    message: (f) => `${f.path}: no part of it can be read by itself: ${f.reason}`,
    hint: () => 'read it as a whole, or convert it to candump text first: "miner log convert"',
  }),
  LOG_UNWRITABLE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: cannot be written: ${f.reason}`,
    hint: () => 'check that the folder is there, that you may write in it, and that the disk has room',
  }),
  LOG_NOT_FOUND: spec<{ path: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: no such log file`,
    hint: () => 'check the path; - reads the log from standard input',
  }),
  LOG_UNREADABLE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: cannot be read: ${f.reason}`,
    hint: () => 'check that it is a file you may read and, if it is gzip, that it is complete: gzip -t FILE',
  }),
  FRAMES_SIZE: spec<{ path: string; size: number; recordBytes: number; wholeBytes: number }>({
    exitCode: 1,
    message: (f) =>
      `${f.path}: ${f.size} bytes are no whole number of ${f.recordBytes}-byte records; ` +
      `what begins at byte ${f.wholeBytes} is none`,
    hint: (f) =>
      f.recordBytes === 16 && f.size % 72 === 0
        ? 'the size fits records of 72 bytes: add --fd'
        : 'records are 16 bytes, or 72 with --fd; was the file cut off while it was copied?',
  }),

  // transport: serial ports, ptys, TCP
  TRANSPORT_SPEC: spec<{ spec: string }>({
    exitCode: 2,
    message: (f) => `${JSON.stringify(f.spec)} names no port`,
    hint: () => 'expected a serial path such as /dev/ttyACM0, /dev/ttyACM* or COM3, tcp://host:port, or pty:',
  }),
  PORT_MISSING: spec<{ port: string; ports: string[] }>({
    exitCode: 3,
    message: (f) => `${f.port}: there is no such port`,
    hint: (f) =>
      f.ports.length > 0
        ? `ports here: ${f.ports.join(', ')}`
        : 'no serial port is here: plug the adapter in, or start an emulated one with "miner vehicle"',
  }),
  PORT_BUSY: spec<{ port: string }>({
    exitCode: 3,
    message: (f) => `${f.port}: another program has this port open`,
    hint: () => 'close the other program (slcand, SavvyCAN, another miner), or choose another port',
  }),
  PORT_DENIED: spec<{ port: string }>({
    exitCode: 3,
    message: (f) => `${f.port}: this user may not open it`,
    hint: () => 'add yourself to the group that owns it (Debian: "sudo usermod -aG dialout $USER"), then log in again',
  }),
  PORT_UNUSABLE: spec<{ port: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.port}: cannot be used as a serial port: ${f.reason}`,
    hint: () => 'check that the path is a serial device, and that it supports the baud rate',
  }),
  PORT_LOST: spec<{ port: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.port}: the connection ended: ${f.reason}`,
    hint: () => 'check cable and power, or whether the program at the other end still runs',
  }),
  PTY_UNAVAILABLE: spec<{ reason: string }>({
    exitCode: 3,
    message: (f) => `no pseudo-terminal can be had here: ${f.reason}`,
    hint: () => 'listen on TCP instead: tcp://127.0.0.1:0',
  }),
  TCP_REFUSED: spec<{ address: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.address}: no connection: ${f.reason}`,
    hint: () => 'check that the other program listens on this address and that no firewall is between',
  }),
  TCP_LISTEN: spec<{ address: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.address}: cannot listen there: ${f.reason}`,
    hint: () => 'choose another port; 0 takes any free one',
  }),

  // slcan
  SLCAN_NO_ANSWER: spec<{ port: string; command: string; waitedMs: number }>({
    exitCode: 3,
    message: (f) => `${f.port}: no answer to ${f.command} within ${f.waitedMs} ms`,
    hint: () => 'check that an SLCAN adapter is on this port, that it has power, and its baud rate',
  }),
  SLCAN_REFUSED: spec<{ port: string; command: string }>({
    exitCode: 3,
    message: (f) => `${f.port}: the adapter refused ${f.command}`,
    hint: () => 'the adapter may lack this command or setting, or its firmware may need another profile',
  }),
  SLCAN_BIT_RATE: spec<{ bitRate: number; profile: string; allowed: readonly number[] }>({
    exitCode: 2,
    message: (f) => `${f.bitRate} bit/s is no bit rate of ${f.profile} adapters`,
    hint: (f) => `expected one of ${f.allowed.join(', ')}`,
  }),
  SLCAN_DATA_BIT_RATE: spec<{ dataBitRate: number; profile: string; allowed: readonly number[] }>({
    exitCode: 2,
    message: (f) => `${f.dataBitRate} bit/s is no CAN FD data bit rate of ${f.profile} adapters`,
    hint: (f) =>
      f.allowed.length > 0
        ? `expected one of ${f.allowed.join(', ')}`
        : 'these adapters carry classic frames only: leave the data bit rate out, or name another profile',
  }),
  SLCAN_PROFILE: spec<{ name: string; allowed: readonly string[] }>({
    exitCode: 2,
    message: (f) => `${JSON.stringify(f.name)} is no adapter profile`,
    hint: (f) => `expected auto or one of ${f.allowed.join(', ')}`,
  }),
  SLCAN_TIMESTAMPS: spec<{ profile: string }>({
    exitCode: 2,
    message: (f) => `${f.profile} adapters have no time stamps`,
    hint: () => 'leave time stamps out: frames then carry the time at which they were read',
  }),
  SLCAN_SEND_QUEUE: spec<{ port: string; framesMax: number }>({
    exitCode: 3,
    message: (f) => `${f.port}: frame not sent: ${f.framesMax} frames wait for the adapter already`,
    hint: () => 'send more slowly, or wait for earlier frames to be taken; the bus may be stuck',
  }),
  SLCAN_FRAME: spec<{ problem: string; profile: string }>({
    exitCode: 1,
    message: (f) => `frame not sent: ${f.problem}`,
    hint: (f) => `see docs/slcan.md for the frames that ${f.profile} adapters send: ids of 11 or 29 bits, 0 to 8 bytes`,
  }),

  // vehicle
  VEHICLE_DBC: spec<{ path: string; problem: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: nothing to drive with: ${f.problem}`,
    hint: () => 'check the file with "miner dbc check", or leave it out to drive the built-in electric car',
  }),

  // decode: the module emitter and the encoder
  COLUMN_NOT_INTEGER: spec<{ message: string; signal: string; type: string }>({
    exitCode: 2,
    message: (f) => `${f.message}.${f.signal} cannot be a column of ${f.type}: some of its values are no such integers`,
    hint: () => 'integer columns are for signals with integer scale and offset whose every value fits; use f64',
  }),
  MESSAGE_TOO_LARGE: spec<{ message: string; size: number; maximum: number }>({
    exitCode: 1,
    message: (f) =>
      `${f.message} is too large to compile: size ${f.size} (signals, selector ranges, 16 for each selector), ` +
      `expected at most ${f.maximum}`,
    hint: () => 'no real message comes near; check the DBC, or decode it with the interpreter, which has no such limit',
  }),
  C_SOURCE_TOO_LARGE: spec<{ size: number; maximum: number }>({
    exitCode: 1,
    message: (f) =>
      `too large to write as C: size ${f.size} (signals, selector ranges, labels, 16 for each selector), ` +
      `expected at most ${f.maximum}`,
    hint: () => 'no real database comes near; check the DBC, or keep only the messages that the firmware needs',
  }),
  ENCODE_SIGNAL_UNKNOWN: spec<{ message: string; signal: string }>({
    exitCode: 1,
    message: (f) => `${f.message} has no signal ${JSON.stringify(f.signal)}`,
    hint: () => 'names are case-sensitive; `miner dbc show` lists the signals of a message',
  }),
  ENCODE_LABEL_UNKNOWN: spec<{ message: string; signal: string; label: string; known: string[] }>({
    exitCode: 1,
    message: (f) => `${f.message}.${f.signal} has no label ${JSON.stringify(f.label)}`,
    hint: (f) => (f.known.length === 0 ? 'give a number: this signal has no labels' : `labels: ${f.known.join(', ')}`),
  }),
  ENCODE_RANGE: spec<{
    message: string;
    signal: string;
    value: string;
    minimum: string;
    maximum: string;
    unit: string;
  }>({
    exitCode: 1,
    message: (f) =>
      `${f.message}.${f.signal}: ${f.value} is out of range, expected ${f.minimum} to ${f.maximum} ${f.unit}`.trimEnd(),
    hint: () =>
      'give a physical value within the range, or the raw integer (in code a bigint, on the command line raw:N) to test what lies outside it',
  }),
  ENCODE_LENGTH: spec<{ place: string; needed: number; available: number }>({
    exitCode: 1,
    message: (f) => `${f.place} needs ${f.needed} bytes, got ${f.available}`,
    hint: () => 'the length comes from the BO_ line; correct it there, or leave this signal out',
  }),
  ENCODE_INACTIVE: spec<{ message: string; signal: string; selector: string; raw: string; expected: string }>({
    exitCode: 1,
    message: (f) =>
      `${f.message}.${f.signal} is not in this frame: ${f.selector} is ${f.raw}, expected ${f.expected || 'nothing'}`,
    hint: () => 'set the selector to a value that selects the signal, or leave the selector out to have it chosen',
  }),

  // pack: CBOR, COSE, the pack schema
  CBOR_INVALID: spec<{ offset: number; problem: string }>({
    exitCode: 1,
    message: (f) => `not deterministic CBOR at byte ${f.offset}: ${f.problem}`,
    hint: () => 'signed structures follow RFC 8949, 4.2.1; encode them with a deterministic encoder',
  }),
  COSE_MALFORMED: spec<{ problem: string }>({
    exitCode: 1,
    message: (f) => `not a COSE_Sign1 message: ${f.problem}`,
    hint: () => 'expected tag 18 around [protected, unprotected, payload, signature], RFC 9052, 4.2',
  }),
  COSE_ALGORITHM: spec<{ algorithm: string; expected: string }>({
    exitCode: 1,
    message: (f) => `signature algorithm ${f.algorithm}, expected ${f.expected}`,
    hint: () => 'sign with ES256K (-47), or ES256 (-7) where the secure element has only P-256',
  }),
  COSE_KID: spec<{ problem: string }>({
    exitCode: 1,
    message: (f) => `the protected header does not name the signer: ${f.problem}`,
    hint: () => "kid is the signer's 20-byte address: the last 20 bytes of keccak-256 of its public key",
  }),
  COSE_SIGNATURE: spec<{ kid: string; problem: string }>({
    exitCode: 1,
    message: (f) => `the signature of ${f.kid || 'the given key'} does not hold: ${f.problem}`,
    hint: () => 'the message was changed, or it was signed by another key or for another chain or registry',
  }),
  PACK_FIELD: spec<{ field: string; got: string; expected: string }>({
    exitCode: 1,
    message: (f) => `pack: ${f.field} is ${f.got}, expected ${f.expected}`,
    hint: () => 'docs/pack.cddl says what each field may hold',
  }),
  PACK_COLUMN: spec<{ column: string; problem: string }>({
    exitCode: 1,
    message: (f) => `pack: ${f.column}: ${f.problem}`,
    hint: () => 'docs/pack.md describes the column encodings byte by byte',
  }),

  // store
  STORAGE_FULL: spec<{ name: string; bytes: number }>({
    exitCode: 3,
    message: (f) => `no space left to write ${f.bytes} bytes to ${f.name}`,
    hint: () => 'free some space, or give the store a smaller quota; the oldest packs go first, and each gap is signed',
  }),
  STORAGE_IO: spec<{ name: string; operation: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.operation} of ${f.name} failed: ${f.reason}`,
    hint: () => "check the disk, and that the folder is this user's to write",
  }),

  // trust
  CHAIN_UNREACHABLE: spec<{ url: string; reason: string }>({
    exitCode: 3,
    message: (f) => `no answer from the chain at ${f.url}: ${f.reason}`,
    hint: () => 'check the URL and that the node runs; `miner chain` starts a local one',
  }),
  CHAIN_ID_MISMATCH: spec<{ url: string; expected: number; got: number }>({
    exitCode: 3,
    message: (f) => `the chain at ${f.url} has id ${f.got}, but chain ${f.expected} is meant`,
    hint: () => 'give the URL of the right chain, or the deployment file that belongs to this one',
  }),
  CHAIN_NO_CONTRACT: spec<{ url: string; name: string; address: string }>({
    exitCode: 3,
    message: (f) => `no ${f.name} at ${f.address} on the chain at ${f.url}`,
    hint: () => 'the deployment file belongs to another chain, or to a local chain that was started anew since',
  }),
  CHAIN_STALE: spec<{ url: string; reason: string }>({
    exitCode: 3,
    message: (f) => `the chain at ${f.url} answers with what is past: ${f.reason}`,
    hint: () => 'the node lags or withholds blocks: wait until it has caught up, or ask another one',
  }),
  TRUST_EXPIRED: spec<{ reason: string }>({
    exitCode: 1,
    message: (f) => `no decoder may be trusted now: ${f.reason}`,
    hint: () =>
      'connect to the chain, or bring a newer checkpoint (`miner checkpoint make`); frames are kept raw until then',
  }),
  CHECKPOINT_INVALID: spec<{ reason: string }>({
    exitCode: 1,
    message: (f) => `checkpoint refused: ${f.reason}`,
    hint: () => 'docs/trust.md says what a checkpoint must hold; `miner checkpoint show` says what this one does',
  }),
  CHECKPOINT_ROLLBACK: spec<{ epoch: number; seen: number }>({
    exitCode: 1,
    message: (f) => `checkpoint refused: its epoch is ${f.epoch}, but epoch ${f.seen} was seen already`,
    hint: () => 'an older list may hold decoders that were revoked since: bring a checkpoint made later',
  }),
  CHECKPOINT_EQUIVOCATION: spec<{ epoch: number; root: string; seen: string }>({
    exitCode: 1,
    message: (f) => `checkpoint refused: epoch ${f.epoch} has root ${f.root} here, but ${f.seen} was seen for it`,
    hint: () => 'one of the two was never on the chain: keep both files, and tell the checkpoint signers',
  }),
  STORE_LOCKED: spec<{ path: string; pid: number }>({
    exitCode: 3,
    message: (f) => `the log in ${f.path} is in use by process ${f.pid}`,
    hint: () => 'one log serves one Miner: stop the other one, or choose another folder',
  }),

  // uplink
  RECEIPT_INVALID: spec<{ problem: string }>({
    exitCode: 1,
    message: (f) => `receipt refused: ${f.problem}`,
    hint: () => 'only a receipt signed by a known gateway, for this device and these bytes, lets the log forget',
  }),
  UPLINK_CONNECT: spec<{ url: string; reason: string }>({
    exitCode: 3,
    message: (f) => `cannot connect to the broker at ${f.url}: ${f.reason}`,
    hint: () => 'check that the broker runs there and accepts this client; packs wait in the log meanwhile',
  }),
  UPLINK_DOWN: spec<{ seq: number }>({
    exitCode: 3,
    message: (f) => `pack ${f.seq} not sent: the uplink is down`,
    hint: () => 'nothing to do: it stays in the log and goes out after the next connect',
  }),

  // firmware
  IMAGE_INVALID: spec<{ offset: number; problem: string }>({
    exitCode: 1,
    message: (f) => `not an MCUboot image at byte ${f.offset}: ${f.problem}`,
    hint: () => 'sign the firmware first (`miner image sign`, imgtool); raw binaries and hex files carry no header',
  }),
  IMAGE_UNVERIFIED: spec<{ problem: string }>({
    exitCode: 1,
    message: (f) => `the image does not verify: ${f.problem}`,
    hint: () => 'it was damaged on its way, or signed by another key; sign it again with the key this device trusts',
  }),

  IMAGE_VERSION: spec<{ version: string }>({
    exitCode: 2,
    message: (f) => `image version ${f.version}, expected such as 1.2.3 or 1.2.3+4`,
    hint: () => 'major and minor go up to 255, revision up to 65535, build up to 4294967295; no leading zeros',
  }),
  IMAGE_CONTENT: spec<{ what: string; got: number; minimum: number; maximum: number }>({
    exitCode: 2,
    message: (f) => `image: ${f.what} is ${f.got}, expected ${f.minimum} to ${f.maximum}`,
    hint: () => 'docs/firmware-images.md says what fits an image',
  }),
  IMAGE_OVER_SLOT: spec<{ imageBytes: number; trailerBytes: number; slotBytes: number }>({
    exitCode: 1,
    message: (f) =>
      `an image of ${f.imageBytes} bytes and a trailer of ${f.trailerBytes} do not fit a slot of ${f.slotBytes}`,
    hint: () => 'make the firmware smaller, or check slot size, alignment and number of sectors',
  }),
  IMAGE_KEY: spec<{ problem: string }>({
    exitCode: 1,
    message: (f) => `not a key for images: ${f.problem}`,
    hint: () => 'images are signed with ECDSA P-256 or Ed25519; `miner image key new` makes such a key',
  }),
  MANIFEST_INVALID: spec<{ field: string; got: string; expected: string }>({
    exitCode: 1,
    message: (f) => `firmware manifest: ${f.field} is ${f.got}, expected ${f.expected}`,
    hint: () => 'docs/firmware-images.md says what a manifest may hold',
  }),

  // smp/client: asking a device
  UDP_REFUSED: spec<{ address: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.address}: nothing can be sent there: ${f.reason}`,
    hint: () => 'check the host name, or give its address',
  }),
  SMP_NO_ANSWER: spec<{ device: string; request: string; attempts: number; waitedMs: number }>({
    exitCode: 3,
    message: (f) => `${f.device}: no answer to ${f.request}, asked ${f.attempts} times in ${f.waitedMs} ms`,
    hint: () => 'check that the device is on, that this is its SMP console or address, and the baud rate',
  }),
  SMP_REFUSED: spec<{
    device: string;
    request: string;
    name: string;
    rc: number;
    group: number | undefined;
    todo: string;
  }>({
    exitCode: 1,
    message: (f) => `${f.device}: ${f.request} was refused: ${f.name} (rc ${f.rc})`,
    hint: (f) => f.todo,
  }),
  SMP_ANSWER: spec<{ device: string; request: string; problem: string }>({
    exitCode: 3,
    message: (f) => `${f.device}: the answer to ${f.request} is malformed: ${f.problem}`,
    hint: () => 'the device does not follow the protocol, or two programs talk to it at once',
  }),
  SMP_TOO_SMALL: spec<{ device: string; bytesMin: number; bytesMax: number }>({
    exitCode: 1,
    message: (f) => `${f.device}: messages of ${f.bytesMax} bytes are too small for an upload, expected ${f.bytesMin}`,
    hint: () => "give more with --chunk, as far as the device's buffers go",
  }),
  SMP_UPLOAD_STUCK: spec<{ device: string; offset: number; rewinds: number }>({
    exitCode: 3,
    message: (f) =>
      `${f.device}: the upload does not get past byte ${f.offset}: the device went back ${f.rewinds} times`,
    hint: () => 'is another client uploading at once? Does the line lose bytes? Try a smaller --chunk and --window 1',
  }),
  SMP_UPLOAD_HASH: spec<{ device: string }>({
    exitCode: 1,
    message: (f) => `${f.device}: what lies in its flash is not what was sent`,
    hint: () => 'upload it again; if that does not help, erase the slot first (--erase): its flash may be worn out',
  }),
  SMP_FILE_LARGE: spec<{ device: string; path: string; lengthBytes: number; bytesMax: number }>({
    exitCode: 1,
    message: (f) => `${f.device}: ${f.path} has ${f.lengthBytes} bytes, expected ${f.bytesMax} at most`,
    hint: () => 'it was not read',
  }),
  SMP_FILE_HASH: spec<{ device: string; path: string }>({
    exitCode: 3,
    message: (f) => `${f.device}: what came of ${f.path} differs from the SHA-256 that the device gives for it`,
    hint: () => 'the file may have changed meanwhile: read it again',
  }),

  // flash: NOR, and what is kept on it
  FLASH_GEOMETRY: spec<{ problem: string }>({
    exitCode: 2,
    message: (f) => `this cannot be a flash: ${f.problem}`,
    hint: () => 'give sizes as the data sheet of the flash does',
  }),
  FLASH_RANGE: spec<{ operation: string; offset: number; length: number; sizeBytes: number }>({
    exitCode: 3,
    message: (f) => `flash: ${f.operation} of ${f.length} bytes at ${f.offset}, expected within ${f.sizeBytes}`,
    hint: () => 'does the layout fit this flash?',
  }),
  FLASH_ALIGNMENT: spec<{ operation: string; offset: number; length: number; alignBytes: number }>({
    exitCode: 3,
    message: (f) =>
      `flash: ${f.operation} of ${f.length} bytes at ${f.offset}, expected multiples of ${f.alignBytes} for both`,
    hint: () => 'whole words are written and whole sectors are erased: fill up with erased bytes',
  }),
  FLASH_UNERASED: spec<{ offset: number; value: number }>({
    exitCode: 3,
    message: (f) => `flash: byte ${f.offset} holds 0x${f.value.toString(16)}, expected an erased word to write to`,
    hint: () => 'erase its sector first',
  }),
  FLASH_IO: spec<{ path: string; operation: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: ${f.operation} failed: ${f.reason}`,
    hint: () => 'check that the file may be read and written, and that the disk has room',
  }),
  FLASH_LOCKED: spec<{ path: string; pid: number }>({
    exitCode: 3,
    message: (f) => `the flash in ${f.path} is in use by process ${f.pid}`,
    hint: () => 'one flash serves one Miner: stop the other one, or choose another file',
  }),
  FLASH_FILE_SIZE: spec<{ path: string; bytes: number; expected: number }>({
    exitCode: 2,
    message: (f) => `${f.path}: ${f.bytes} bytes, expected a flash of ${f.expected}`,
    hint: () => 'it is another flash, or no flash at all; choose a new file name to begin with an erased one',
  }),
  FLASH_RECORD_TOO_LARGE: spec<{ bytes: number; bytesMax: number }>({
    exitCode: 1,
    message: (f) => `${f.bytes} bytes to keep on flash, expected ${f.bytesMax} at most`,
    hint: () => 'remove what is not needed any more, or give it more sectors',
  }),

  // boot: slots, uploads, and what the boot loader refuses
  BOOT_LAYOUT: spec<{ problem: string }>({
    exitCode: 2,
    message: (f) => `the slots do not fit together: ${f.problem}`,
    hint: () => 'give both slots whole sectors, with room for a trailer and at least one sector of image',
  }),
  BOOT_NO_IMAGE: spec<{ problem: string }>({
    exitCode: 3,
    message: (f) => `nothing to boot: ${f.problem}`,
    hint: () => 'put an image signed with the key of this device into the primary slot',
  }),
  SLOT_BUSY: spec<{ slot: number; use: string }>({
    exitCode: 1,
    message: (f) => `slot ${f.slot} is in use: ${f.use}`,
    hint: () => 'reset the device so that what is pending runs, and confirm it or let it be reverted',
  }),
  IMAGE_TOO_LARGE: spec<{ bytes: number; bytesMax: number }>({
    exitCode: 1,
    message: (f) => `an image of ${f.bytes} bytes, expected ${f.bytesMax} at most`,
    hint: () => 'the slot has room for this and its trailer; build a smaller image',
  }),
  IMAGE_UNKNOWN: spec<{ hash: string }>({
    exitCode: 1,
    message: (f) => `no slot holds an image with the hash ${f.hash}`,
    hint: () => 'upload it first; the hash is that of the signed image, not of the file',
  }),
  IMAGE_DOWNGRADE: spec<{ securityCounter: number; expected: number }>({
    exitCode: 1,
    message: (f) => `the image has security counter ${f.securityCounter}, expected ${f.expected} or more`,
    hint: () => 'a newer image ran on this device: sign this one with a security counter that is not lower',
  }),
  UPLOAD_NONE: spec<{ offset: number }>({
    exitCode: 1,
    message: (f) => `a chunk for offset ${f.offset}, but no upload was begun`,
    hint: () => 'begin at offset 0, with length and hash',
  }),
  UPLOAD_OFFSET: spec<{ offset: number; bytes: number; expected: number; lengthBytes: number }>({
    exitCode: 1,
    message: (f) =>
      `${f.bytes} bytes for offset ${f.offset}, expected offset ${f.expected} and no more than ${f.lengthBytes} in all`,
    hint: () => 'go on from the expected offset',
  }),
  UPLOAD_HASH: spec<{ problem: string }>({
    exitCode: 1,
    message: (f) => `the upload is not what was announced: ${f.problem}`,
    hint: () => 'upload it again from the start',
  }),

  // isotp: messages over CAN frames
  ISOTP_BUSY: spec<{ id: number }>({
    exitCode: 1,
    message: (f) => `0x${f.id.toString(16)}: a message is still being sent, expected one at a time`,
    hint: () => 'wait until the message before was sent or failed',
  }),
  ISOTP_LENGTH: spec<{ id: number; bytes: number; bytesMax: number }>({
    exitCode: 1,
    message: (f) => `0x${f.id.toString(16)}: a message of ${f.bytes} bytes, expected 1 to ${f.bytesMax}`,
    hint: () => 'a functional request must fit one frame; others can be as long as ISO 15765-2 allows',
  }),
  ISOTP_TIMEOUT: spec<{ id: number; timer: string; waitedMs: number }>({
    exitCode: 3,
    message: (f) => `0x${f.id.toString(16)}: nothing came within ${f.waitedMs} ms (${f.timer})`,
    hint: (f) =>
      f.timer === 'N_As' || f.timer === 'N_Ar'
        ? 'our own frame did not get on the bus: check that the channel is open to send, and the bus load'
        : 'the other side fell silent within a message: check the ids, and that the ignition is on',
  }),
  ISOTP_SEQUENCE: spec<{ id: number; expected: number; got: number }>({
    exitCode: 3,
    message: (f) => `0x${f.id.toString(16)}: consecutive frame ${f.got}, expected ${f.expected}: the message is lost`,
    hint: () => 'frames were lost on their way: check the overrun counters, or ask for smaller blocks',
  }),
  ISOTP_INTERRUPTED: spec<{ id: number; by: string; received: number; bytes: number }>({
    exitCode: 3,
    message: (f) => `0x${f.id.toString(16)}: ${f.by} came after ${f.received} of ${f.bytes} bytes: the message is lost`,
    hint: () => 'the other side began anew; does another tester on this bus use the same ids?',
  }),
  ISOTP_OVERFLOW: spec<{ id: number; bytes: number }>({
    exitCode: 3,
    message: (f) => `0x${f.id.toString(16)}: the receiver has no room for ${f.bytes} bytes`,
    hint: () => 'send less at once',
  }),
  ISOTP_TOO_LARGE: spec<{ id: number; bytes: number; bytesMax: number }>({
    exitCode: 3,
    message: (f) =>
      `0x${f.id.toString(16)}: a message of ${f.bytes} bytes was announced, expected ${f.bytesMax} at most`,
    hint: () => 'it was refused; ask for less at once, or allow more',
  }),
  ISOTP_WAITS: spec<{ id: number; waits: number; waitsMax: number }>({
    exitCode: 3,
    message: (f) => `0x${f.id.toString(16)}: told to wait ${f.waits} times in a row, expected ${f.waitsMax} at most`,
    hint: () => 'the receiver is busy: try again later',
  }),
  ISOTP_FLOW_STATUS: spec<{ id: number; status: number }>({
    exitCode: 3,
    message: (f) => `0x${f.id.toString(16)}: flow status ${f.status}, expected 0 (go on), 1 (wait) or 2 (overflow)`,
    hint: () => 'the other side does not follow ISO 15765-2, or another protocol uses these ids',
  }),
  ISOTP_SEND: spec<{ id: number; reason: string }>({
    exitCode: 3,
    message: (f) => `0x${f.id.toString(16)}: a frame of the message was not sent: ${f.reason}`,
    hint: () => 'the channel must be open to send, not to listen only',
  }),
  ISOTP_CLOSED: spec<{ id: number }>({
    exitCode: 3,
    message: (f) => `0x${f.id.toString(16)}: the message was given up: its channel was reset`,
    hint: () => 'nothing to do: we stopped, or the connection was lost',
  }),

  // uds: diagnostic requests
  UDS_NO_ANSWER: spec<{ id: number; service: string; waitedMs: number }>({
    exitCode: 3,
    message: (f) => `0x${f.id.toString(16)}: no answer to ${f.service} within ${f.waitedMs} ms`,
    hint: () => 'is the ignition on, and is this the address of a control unit of this vehicle?',
  }),
  UDS_NEGATIVE: spec<{ id: number; service: string; code: number; name: string }>({
    exitCode: 1,
    message: (f) => `0x${f.id.toString(16)}: ${f.service} was refused: ${f.name} (0x${f.code.toString(16)})`,
    hint: () => 'the control unit lacks this service or value, or wants another session first',
  }),
  UDS_PENDING: spec<{ id: number; service: string; waitedMs: number }>({
    exitCode: 3,
    message: (f) => `0x${f.id.toString(16)}: ${f.service} is still pending after ${f.waitedMs} ms`,
    hint: () => 'the control unit promised an answer again and again; ask again later',
  }),
  UDS_ANSWER: spec<{ id: number; service: string; problem: string }>({
    exitCode: 3,
    message: (f) => `0x${f.id.toString(16)}: malformed answer to ${f.service}: ${f.problem}`,
    hint: () => 'the control unit does not follow ISO 14229-1, or two testers talk to it at once',
  }),

  // smp: device management
  UDP_LISTEN: spec<{ address: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.address}: cannot listen: ${f.reason}`,
    hint: () => 'choose another port, or end the program that has it; the address must be one of this machine',
  }),
} as const;

export const edgeError = errorFactory(edgeErrors);
export type EdgeErrorCode = keyof typeof edgeErrors;
