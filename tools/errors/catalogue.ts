/** Errors of the tools, beside those of the Miner in edge/errors. docs/errors.md is drawn from both. */
import { errorFactory, spec } from '../../edge/errors/index.ts';

export const toolErrors = {
  // bench
  BENCH_FRAMES_NONE: spec<{ path: string; records: number; recordBytes: number }>({
    exitCode: 1,
    message: (f) => `${f.path}: no frame could be read from its ${f.records} records of ${f.recordBytes} bytes`,
    hint: () => 'records of 72 bytes need --fd, those of 16 bytes go without; "miner bench frames" writes such files',
  }),
  BENCH_NOTHING_TO_DECODE: spec<{ path: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: none of its messages fits a frame, so no frames can be drawn for it`,
    hint: () => 'see its messages with `miner dbc list`; those of more than 8 bytes need --fd',
  }),
  BENCH_OUTPUT: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: cannot be written (${f.reason})`,
    hint: () => 'give another path with -o',
  }),
  // checkpoint
  CHECKPOINT_DECODER: spec<{ contentHash: string }>({
    exitCode: 1,
    message: (f) => `decoder ${f.contentHash} is not active on the chain, so no checkpoint can hold it`,
    hint: () => 'list it by a DIP first, or leave it out; the hash is the SHA-256 of the file, byte for byte',
  }),
  CHECKPOINT_UNSYNCED: spec<{ contentHash: string; active: boolean }>({
    exitCode: 1,
    message: (f) =>
      `decoder ${f.contentHash} is ${f.active ? '' : 'no longer '}active, but the registry's root does not say so yet`,
    hint: () => 'call sync(contentHash) on the DecoderRegistry, as anybody may, then make the checkpoint',
  }),
  CHECKPOINT_SIGNER_UNKNOWN: spec<{ signer: string; expected: string[] }>({
    exitCode: 1,
    message: (f) =>
      `${f.signer} is no checkpoint signer of this file, expected ${f.expected.join(', ') || 'none at all'}`,
    hint: () => 'signers are listed by a DIP (setCheckpointSigners); make the checkpoint anew after it',
  }),
  CHECKPOINT_COMBINE: spec<{ path: string; digest: string; first: string; expected: string }>({
    exitCode: 1,
    message: (f) => `${f.path} is about checkpoint ${f.digest}, but ${f.first} about ${f.expected}`,
    hint: () => 'signatures count for one checkpoint only: everybody signs copies of the same file',
  }),
  SIGNERS_FILE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: not a list of checkpoint signers (${f.reason})`,
    hint: () => 'write it from the chain with `miner checkpoint signers`',
  }),
  // deploy: a chain and the contracts on it
  ARTIFACT_MISSING: spec<{ contract: string; path: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: the built contract ${f.contract} is not there`,
    hint: () => 'build the contracts with "npm run build"; an installed package contains them',
  }),
  CHAIN_PORT: spec<{ address: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.address}: the local chain cannot listen there: ${f.reason}`,
    hint: () => 'choose another port; 0 takes any free one',
  }),
  CHAIN_REVERTED: spec<{ call: string; to: string; reason: string }>({
    exitCode: 1,
    message: (f) => `${f.call} was refused by ${f.to}: ${f.reason}`,
    hint: () => 'the contract says why; nothing was changed',
  }),
  DEPLOY_ADDRESS: spec<{ contract: string; expected: string; found: string }>({
    exitCode: 3,
    message: (f) => `${f.contract} came to ${f.found}, expected ${f.expected}`,
    hint: () => 'something else sends from the deploying account: deploy again from an account of its own',
  }),
  WIRING: spec<{ faults: string[] }>({
    exitCode: 1,
    message: (f) => `the contracts are not wired as planned: ${f.faults.join('; ')}`,
    hint: () => 'do not use this deployment: somebody besides the timelock could change it',
  }),
  // dip
  DIP_EMPTY: spec<{ title: string }>({
    exitCode: 2,
    message: (f) => `the DIP ${JSON.stringify(f.title)} has no action`,
    hint: () => 'give at least one action: a proposal is what it does',
  }),
  DIP_NO_VOTERS: spec<{ title: string }>({
    exitCode: 2,
    message: (f) => `the DIP ${JSON.stringify(f.title)} has no voter`,
    hint: () => 'name at least one account; the first one proposes and needs 5,000,000 votes',
  }),
  DIP_UNKNOWN: spec<{ id: string }>({
    exitCode: 1,
    message: (f) => `the governor has no proposal ${f.id}`,
    hint: () => 'check the id and the chain; "miner dip list" shows what was proposed',
  }),
  DIP_NOT_PASSED: spec<{
    title: string;
    state: string;
    votesFor: string;
    votesAgainst: string;
    votesAbstain: string;
    quorum: string;
    majorityPercent: number;
  }>({
    exitCode: 1,
    message: (f) =>
      `the DIP ${JSON.stringify(f.title)} is ${f.state}: ${f.votesFor} for, ${f.votesAgainst} against, ` +
      `${f.votesAbstain} abstain; it needs ${f.quorum} for or abstain, and ${f.majorityPercent} % of for and against`,
    hint: () => 'it can be proposed again with another text',
  }),
  // dip/file and dip/check
  DIP_FILE: spec<{ path: string; line: number; column: number; problem: string; more: number }>({
    exitCode: 1,
    message: (f) =>
      `${f.path}:${f.line}:${f.column}: ${f.problem}${f.more > 0 ? ` (and ${f.more} more: "miner dip check")` : ''}`,
    hint: () => 'correct the DIP file there; docs/dip.md has its form, "miner dip new --list" every action',
  }),
  DIP_ACTION: spec<{ index: number; action: string; problem: string }>({
    exitCode: 1,
    message: (f) => `action ${f.index} (${f.action}): ${f.problem}`,
    hint: () => '"miner dip new --list" has every action with its arguments and an example',
  }),
  DIP_DRAFT: spec<{ problems: string[] }>({
    exitCode: 2,
    message: (f) => `the DIP cannot be written like this: ${f.problems.join('; ')}`,
    hint: () => '"miner dip new --list NAME" has the arguments of an action and an example',
  }),
  DIP_FORK: spec<{ url: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.url}: the chain cannot be copied to try the DIP on (${f.reason})`,
    hint: () =>
      'name a node that answers and keeps its latest state with --rpc, or leave the trial out with --no-trial',
  }),
  // files
  FILE_UNREADABLE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: cannot be read (${f.reason})`,
    hint: () => 'check the path and its permissions',
  }),
  // decode: output
  OUTPUT_EXISTS: spec<{ path: string; what: string }>({
    exitCode: 2,
    message: (f) => `${f.path}: there is ${f.what} already`,
    hint: () => 'choose another path, or replace it with --force',
  }),
  OUTPUT_UNWRITABLE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: cannot be written (${f.reason})`,
    hint: () => 'choose another path with -o, or make room there',
  }),
  // gateway
  BROKER_UNREACHABLE: spec<{ url: string; reason: string }>({
    exitCode: 3,
    message: (f) => `no MQTT broker answers at ${f.url}: ${f.reason}`,
    hint: () => 'start the broker, or leave --broker away: the gateway then brings one',
  }),
  BROKER_PORT: spec<{ address: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.address}: the broker cannot listen there (${f.reason})`,
    hint: () => 'choose another port with --port; 0 takes any free one',
  }),
  LEDGER_UNUSABLE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: cannot be used as the gateway's ledger (${f.reason})`,
    hint: () => 'give a writable folder, or move the damaged file away: Miners send again what was not receipted',
  }),
  SAMPLES_UNWRITABLE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: samples cannot be written there (${f.reason})`,
    hint: () => 'make room, or give a writable folder: until then the packs wait in the ledger and nothing is lost',
  }),
  BROKER_REFUSED: spec<{ url: string; topic: string }>({
    exitCode: 3,
    message: (f) => `the broker at ${f.url} does not let the gateway subscribe to ${f.topic}`,
    hint: () => "allow it in the broker's access list; docs/gateway.md has one that works for mosquitto",
  }),
  TLS_FILE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: cannot be used for TLS (${f.reason})`,
    hint: () => 'give PEM files: a certificate and the private key that belongs to it',
  }),
  INBOX_UNUSABLE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: cannot be used as an inbox (${f.reason})`,
    hint: () => 'give a folder that this user may read and write; packs lie in it, receipts go to receipts/',
  }),
  // vehicle
  VEHICLE_COMMAND: spec<{ line: string; problem: string }>({
    exitCode: 2,
    message: (f) => `${JSON.stringify(f.line)}: ${f.problem}`,
    hint: () => 'type help for the commands; a plan is "10s error stuff, 20s bus-off 500ms, 40s unplug 1s"',
  }),
  VEHICLE_LINK: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: cannot be made a link to the port: ${f.reason}`,
    hint: () => 'give --link a new path, in a folder that you may write to',
  }),
  VEHICLE_DIED: spec<{ code: number | string }>({
    exitCode: 3,
    message: (f) => `the vehicle's process ended by itself (${f.code})`,
    hint: () => 'run `miner vehicle` by itself to see what it says',
  }),
  // running
  INTERRUPTED: spec<Record<string, never>>({
    exitCode: 3,
    message: () => 'stopped before the end',
    hint: () => 'nothing to mend: run it again for the whole',
  }),
  TOO_SLOW: spec<{ what: string; seconds: number }>({
    exitCode: 3,
    message: (f) => `${f.what} took longer than ${f.seconds} s`,
    hint: () => 'is the machine busy with something else? Run it again; if it stays, please report it',
  }),
  // decoders
  DECODER_EMPTY: spec<{ path: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: no message could be read from it, so it decodes nothing`,
    hint: () => 'see what is wrong with `miner dbc check` on the file; is it a DBC at all?',
  }),
  // dbc: the workshop
  DBC_MESSAGE_UNKNOWN: spec<{ wanted: string; near: string[]; count: number }>({
    exitCode: 2,
    message: (f) => `no message ${JSON.stringify(f.wanted)} among the ${f.count} of this file`,
    hint: (f) =>
      f.near.length > 0
        ? `did you mean ${f.near.join(' or ')}?`
        : 'give a name, or an id such as 257 or 0x101; `miner dbc list` shows them',
  }),
  DBC_MESSAGE_AMBIGUOUS: spec<{ wanted: string; candidates: string[]; bit31: boolean }>({
    exitCode: 2,
    message: (f) => `${JSON.stringify(f.wanted)} may be any of ${f.candidates.join(', ')}`,
    hint: (f) => (f.bit31 ? 'give the name; or, for the 29-bit id, add 0x80000000' : 'give the id of the one you mean'),
  }),
  DBC_SIGNAL_UNKNOWN: spec<{ message: string; signal: string; near: string[] }>({
    exitCode: 2,
    message: (f) => `${f.message} has no signal ${JSON.stringify(f.signal)}`,
    hint: (f) =>
      f.near.length > 0 ? `did you mean ${f.near.join(' or ')}?` : '`miner dbc show` lists the signals of a message',
  }),
  DBC_SIGNAL_TWICE: spec<{ message: string; signal: string }>({
    exitCode: 2,
    message: (f) => `${f.message}.${f.signal} is given twice`,
    hint: () => 'give each signal once',
  }),
  DBC_ASSIGNMENT: spec<{ word: string }>({
    exitCode: 2,
    message: (f) => `${JSON.stringify(f.word)}: expected NAME=VALUE`,
    hint: () => 'VALUE is a physical number (Speed=87.5), a label (Gear=Drive), or a raw integer (Counter=raw:0x1F)',
  }),
  DBC_HEX_VALUE: spec<{ message: string; signal: string; text: string }>({
    exitCode: 2,
    message: (f) => `${f.message}.${f.signal}: ${f.text} may be a physical value or a raw one`,
    hint: (f) => `write ${f.signal}=raw:${f.text} for the raw integer, or the physical value in decimal`,
  }),
  DBC_SELECTOR_OPEN: spec<{ message: string; selector: string; signals: string[]; possible: string; first: string }>({
    exitCode: 2,
    message: (f) => `${f.message}: several values of ${f.selector} select ${f.signals.join(', ')}: ${f.possible}`,
    hint: (f) => `choose one, such as ${f.selector}=raw:${f.first}`,
  }),
  DBC_SELECTOR_CONFLICT: spec<{ message: string; selector: string; needs: string[] }>({
    exitCode: 2,
    message: (f) => `${f.message}: no value of ${f.selector} selects all signals given: ${f.needs.join('; ')}`,
    hint: () => 'these signals never share a frame: encode them in frames of their own',
  }),
  DBC_BITS_SHARED: spec<{ message: string; signal: string; other: string }>({
    exitCode: 2,
    message: (f) => `${f.message}: ${f.signal} and ${f.other} share bits and cannot both have these values`,
    hint: () => 'give one of them only; `miner dbc show` draws which bits they share',
  }),
  DBC_FRAME_LENGTH: spec<{ message: string; length: number; reason: string }>({
    exitCode: 1,
    message: (f) => `${f.message}: ${f.length} bytes do not fit into one frame (${f.reason})`,
    hint: () => 'use --format hex for the payload alone',
  }),
  DBC_JSON: spec<{ place: string; found: string; expected: string }>({
    exitCode: 1,
    message: (f) => `${f.place}: found ${f.found}, expected ${f.expected}`,
    hint: () => 'docs/workshop.md describes the form; `miner dbc convert car.dbc car.json` writes an example',
  }),
  DBC_JSON_SYNTAX: spec<{ path: string; reason: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: not JSON: ${f.reason}`,
    hint: () => 'check that the file is whole, and that its name ends as its content is',
  }),
  DBC_ENCODING: spec<{ char: string; codePoint: number; line: number }>({
    exitCode: 1,
    message: (f) =>
      `line ${f.line} of the output: windows-1252 has no ${JSON.stringify(f.char)} ` +
      `(U+${f.codePoint.toString(16).toUpperCase().padStart(4, '0')})`,
    hint: () => 'write UTF-8, or replace the character in the source',
  }),
  DBC_FRAMES_LINE: spec<{ path: string; line: number; reason: string }>({
    exitCode: 1,
    message: (f) => `${f.path}:${f.line}: not a golden frame: ${f.reason}`,
    hint: () => 'each line is an object with id, ext and data (hex); `miner dbc golden` writes such files',
  }),
  // decoder packages
  PACKAGE_EXISTS: spec<{ path: string }>({
    exitCode: 1,
    message: (f) => `${f.path} is there already, and is not replaced`,
    hint: () => 'choose another folder, or delete the file first',
  }),
  PACKAGE_BAD: spec<{ path: string; errors: number }>({
    exitCode: 1,
    message: (f) => `${f.path}: not built: ${f.errors} ${f.errors === 1 ? 'error' : 'errors'}, listed above`,
    hint: () => 'mend what is named, and see with "miner dbc package check" that nothing is left',
  }),
  GOLDEN_SOURCE: spec<{ given: string }>({
    exitCode: 2,
    message: (f) => `expected one of LOG, --generate and --check, got ${f.given}`,
    hint: () => 'see the examples: miner dbc golden --help',
  }),
  // the data folder
  RECORD_MISSING: spec<{ path: string; command: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: not there, so nothing says where to connect`,
    hint: (f) => `start \`${f.command}\` first, in another shell, with the same --data folder`,
  }),
  RECORD_UNREADABLE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: cannot be used (${f.reason})`,
    hint: () => 'delete it and start the command that writes it again',
  }),
  KEY_UNREADABLE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: not a device key (${f.reason})`,
    hint: () => 'give the right file with --key, or a new path to have a key made there',
  }),
  DEVICE_NOT_ENROLLED: spec<{ device: string; state: string; licence: string }>({
    exitCode: 1,
    message: (f) => `device ${f.device} may not sign: on the chain it is ${f.state}, its maker's licence ${f.licence}`,
    hint: () => 'on a local chain, `miner enrol` enrols it; or look without signing: --look',
  }),
  // pack
  PACK_SOURCE_EMPTY: spec<{ path: string }>({
    exitCode: 2,
    message: (f) => `${f.path}: neither a .pack file nor a segment of a log is in this folder`,
    hint: () => "give a pack, a folder of .pack files, or a Miner's log folder such as .miner/packs",
  }),
  PACK_SIZE: spec<{ path: string; bytes: number; bytesMax: number }>({
    exitCode: 1,
    message: (f) => `${f.path}: ${f.bytes} bytes, no pack has more than ${f.bytesMax}`,
    hint: () => 'give one signed pack; a log of several is given by its folder',
  }),
  PACK_DEVICE: spec<{ device: string; expected: string }>({
    exitCode: 1,
    message: (f) => `signed by device ${f.device}, expected ${f.expected}`,
    hint: () => 'leave --kid out to take the packs of any device',
  }),
  PACK_DECODER_MISSING: spec<{ pack: string; wanted: string; given: string[] }>({
    exitCode: 2,
    message: (f) =>
      `${f.pack}: its values are those of decoder ${f.wanted}; ` +
      (f.given.length > 0 ? `given: ${f.given.join(', ')}` : 'no decoder was given'),
    hint: () => 'give the DBC file whose SHA-256 that is with --dbc: names and scales belong to exactly these bytes',
  }),
  PACK_SIGNAL_UNKNOWN: spec<{ pack: string; signalIndex: number; decoder: string; signals: number }>({
    exitCode: 1,
    message: (f) => `${f.pack}: signal ${f.signalIndex}, but decoder ${f.decoder} has ${f.signals}`,
    hint: () => 'the device did not decode with what it names: do not use this pack',
  }),
  PACK_RAW_RANGE: spec<{ pack: string; signal: string; raw: string; bits: number }>({
    exitCode: 1,
    message: (f) => `${f.pack}: raw value ${f.raw} of ${f.signal} does not fit its ${f.bits} bits`,
    hint: () => 'the device did not decode with what it names: do not use this pack',
  }),
  PACK_CLOCK_UNKNOWN: spec<{ pack: string; format: string }>({
    exitCode: 1,
    message: (f) => `${f.pack}: no wall clock was known when it was signed, and ${f.format} has no other time`,
    hint: () => 'say when the device booted with --booted, such as 2026-01-31T08:00:00Z, or use --format jsonl',
  }),
  PACK_NAMES: spec<{ path: string; problem: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: not a mapping of names: ${f.problem}`,
    hint: () =>
      'expected the vss.json of a decoder package, or {"Message.Signal": "name"}; docs/package.md describes it',
  }),
  // metrics: health and counters over HTTP
  HTTP_LISTEN: spec<{ address: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.address}: health and metrics cannot be served there (${f.reason})`,
    hint: () => 'choose another address with --http; port 0 takes any free one',
  }),
  // logging
  LOG_FILE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: cannot be written as the log of events (${f.reason})`,
    hint: () => 'give --log-file a path that you may write to',
  }),
  // usage
  OPTION_MISSING: spec<{ option: string; reason: string }>({
    exitCode: 2,
    message: (f) => `${f.option} is missing: ${f.reason}`,
    hint: () => 'see the command with --help',
  }),
  OPTION_INVALID: spec<{ option: string; value: string; expected: string }>({
    exitCode: 2,
    message: (f) => `${f.option} ${f.value}: expected ${f.expected}`,
    hint: () => 'see the command with --help',
  }),
  // sim
  PLAN_INVALID: spec<{ path: string; problem: string }>({
    exitCode: 2,
    message: (f) => `${f.path}: no plan of faults: ${f.problem}`,
    hint: () => 'a failing `miner sim --json` prints plans in the right form; docs/simulation.md describes it',
  }),
  // rewards
  EPOCH_NOT_OVER: spec<{ epoch: number; endsAt: string; now: string }>({
    exitCode: 1,
    message: (f) => `epoch ${f.epoch} is not over: it ends at ${f.endsAt}, the chain is at ${f.now}`,
    hint: () => 'compute it after its end, a Monday 05:00 UTC; "miner rewards status" lists the epochs',
  }),
  EPOCH_EMPTY: spec<{ epoch: number }>({
    exitCode: 1,
    message: (f) => `epoch ${f.epoch}: no vehicle earned a point, so there is no root`,
    hint: () => 'a vehicle earns with one accepted pack that has samples and was received within the epoch',
  }),
  REWARD_FILE: spec<{ path: string; problem: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: ${f.problem}`,
    hint: () => 'docs/rewards.md describes the published files; their hash is of every byte, so do not edit them',
  }),
  REWARD_WRITE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: the epoch cannot be written (${f.reason})`,
    hint: () => 'give --out a folder that you may write to, then run it again',
  }),
  REWARD_SOURCE: spec<{ option: string; problem: string }>({
    exitCode: 2,
    message: (f) => `${f.option}: ${f.problem}`,
    hint: () => 'name the ledger of a gateway with --ledger, or a list of packs with --packs',
  }),
  REWARD_LEAF: spec<{ epoch: number; who: string }>({
    exitCode: 1,
    message: (f) => `epoch ${f.epoch} has no leaf of ${f.who}`,
    hint: () => 'leaves.json lists them all; the account is the owner of the device at the end of the epoch',
  }),
  ROOT_STANDS: spec<{ epoch: number; posted: string; ours: string }>({
    exitCode: 1,
    message: (f) => `epoch ${f.epoch}: root ${f.posted} stands already, expected ${f.ours}`,
    hint: () => 'find the difference with "miner rewards verify --against chain"; a wrong root can be challenged',
  }),
  ROOT_AGREES: spec<{ epoch: number; root: string }>({
    exitCode: 1,
    message: (f) => `epoch ${f.epoch}: the posted root ${f.root} is the one that was recomputed: nothing to challenge`,
    hint: () => 'nothing was sent',
  }),
  ROOT_MISSING: spec<{ epoch: number }>({
    exitCode: 1,
    message: (f) => `epoch ${f.epoch}: no root is posted`,
    hint: () => 'see "miner rewards status"; post one with "miner rewards post"',
  }),
  REFERRAL_MISSING: spec<{ device: string }>({
    exitCode: 1,
    message: (f) => `device ${f.device} was not referred`,
    hint: () => 'its owner accepts a referral with "miner referral register" within 30 days of enrolment',
  }),
  // firmware
  IMAGE_KEY_FILE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: not a key that signs images (${f.reason})`,
    hint: () => '`miner image key new` makes one; an encrypted one needs --password-file or MINER_KEY_PASSWORD',
  }),
  IMAGE_KEY_EXISTS: spec<{ path: string }>({
    exitCode: 2,
    message: (f) => `${f.path}: there is a file already, and a key is never overwritten`,
    hint: () => 'devices in the field may trust that key: choose another path',
  }),
  IMAGE_HEADER_ROOM: spec<{ path: string; headerBytes: number }>({
    exitCode: 2,
    message: (f) => `${f.path}: it does not begin with ${f.headerBytes} zero bytes, the room for a header`,
    hint: () => 'build the firmware with that room, or have it added with --pad-header',
  }),
  IMAGE_NOT_BOUND: spec<{ problem: string }>({
    exitCode: 1,
    message: (f) => `the image is not bound to a licence: ${f.problem}`,
    hint: () => 'sign it with --licence and --model; docs/firmware-images.md says how the names are made',
  }),
  IMAGE_NOT_CERTIFIED: spec<{ problem: string }>({
    exitCode: 1,
    message: (f) => `the image is not certified: ${f.problem}`,
    hint: () => 'a DIP certifies the hash of an audited image for a model, and another one can withdraw that',
  }),
  MANIFEST_JSON: spec<{ path: string; reason: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: not a firmware manifest (${f.reason})`,
    hint: () => 'docs/firmware-images.md shows one with every field',
  }),
  // firmware: booting an emulated Miner
  FIRMWARE_FOREIGN: spec<{ version: string; hash: string; problem: string; isTrial: boolean }>({
    exitCode: 3,
    message: (f) => `the image ${f.version} (${f.hash}) is no firmware of an emulated Miner: ${f.problem}`,
    hint: (f) =>
      f.isTrial
        ? 'the next reset takes it back; "miner image build" makes a body with a manifest'
        : 'flash one whose body "miner image build" made',
  }),
  FIRMWARE_TOO_LARGE: spec<{ bytes: number; bytesMax: number }>({
    exitCode: 1,
    message: (f) => `an image of ${f.bytes} bytes, the slots of an emulated Miner hold ${f.bytesMax}`,
    hint: () => 'build a smaller body: "miner image build --size"',
  }),
  // flash: devices over SMP
  DEVICE_TARGET: spec<{ problem: string }>({
    exitCode: 2,
    message: (f) => `expected one device: ${f.problem}`,
    hint: () => 'name it with one of --port /dev/ttyACM0, --udp host[:port] and --tcp host:port',
  }),
  DEVICE_REQUEST: spec<{ problem: string }>({
    exitCode: 2,
    message: (f) => f.problem,
    hint: () => 'see "miner flash --help"',
  }),
  DEVICE_IMAGE_LARGE: spec<{ device: string; bytes: number; bytesMax: number }>({
    exitCode: 1,
    message: (f) => `${f.device}: the image has ${f.bytes} bytes, its slot takes ${f.bytesMax}`,
    hint: () => 'nothing was sent; build a smaller image',
  }),
  DEVICE_BOOTED_OTHER: spec<{ device: string; expected: string; version: string; how: string }>({
    exitCode: 1,
    message: (f) => `${f.device}: it runs ${f.version}, expected ${f.expected}: ${f.how}`,
    hint: () => 'its console says why; is the image signed with the key that this device trusts, and not older?',
  }),
  DEVICE_NO_BOOT: spec<{ device: string; waitedS: number }>({
    exitCode: 3,
    message: (f) => `${f.device}: no answer within ${f.waitedS} s of the reset`,
    hint: () => 'give it longer with --wait-boot, or look at its console; is its port another one now?',
  }),
  DEVICE_ECHO: spec<{ device: string; sent: string; received: string }>({
    exitCode: 1,
    message: (f) => `${f.device}: sent ${JSON.stringify(f.sent)}, came back as ${JSON.stringify(f.received)}`,
    hint: () => 'check the line with a short text; the device may cut long ones',
  }),
  DEVICE_INDEX: spec<{ device: string; problem: string }>({
    exitCode: 3,
    message: (f) => `${f.device}: the index of its log is none: ${f.problem}`,
    hint: () => 'expected a line with size and name for each file; is --log-path a folder of a Miner?',
  }),
  DEVICE_LIST: spec<{ path: string; line: number; problem: string }>({
    exitCode: 2,
    message: (f) => `${f.path}, line ${f.line}: ${f.problem}`,
    hint: () => 'a list of devices begins with "name,port"; docs/guide-flash.md shows one',
  }),
  DEVICE_JOURNAL: spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: not usable as a journal: ${f.problem}`,
    hint: () => 'give another path with --journal; a new one begins with every device',
  }),
  // workbench
  WORKBENCH_NOT_BUILT: spec<{ folder: string }>({
    exitCode: 3,
    message: (f) => `${f.folder}: the built workbench is not there`,
    hint: () => 'build it with "npm run build:workbench"; an installed package contains it',
  }),
  WORKBENCH_PORT: spec<{ address: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.address}: the workbench cannot listen there (${f.reason})`,
    hint: () => 'choose another port with --port; 0 takes any free one',
  }),
  // dip: proposing, voting, carrying out
  DIP_STATE: spec<{ number: number; state: string; step: string; when: string }>({
    exitCode: 1,
    message: (f) => `DIP ${f.number} is ${f.state}, so it cannot be ${f.step}: ${f.when}`,
    hint: () => 'nothing was sent; "miner dip show" says what can be done next, "miner dip watch" when it can',
  }),
  DIP_VOTES_MISSING: spec<{ account: string; have: string; needed: string; missing: string }>({
    exitCode: 1,
    message: (f) => `${f.account} has ${f.have} votes, expected ${f.needed} to propose: ${f.missing} are missing`,
    hint: () => 'nothing was sent; votes count once they are delegated: "miner dip delegate ADDRESS", also to yourself',
  }),
  DIP_BUSY: spec<{ proposer: string; number: number; state: string; until: string }>({
    exitCode: 1,
    message: (f) => `${f.proposer} has DIP ${f.number} under way (${f.state}): one at a time, until ${f.until}`,
    hint: () =>
      'nothing was sent; propose after that, cancel the other while it is pending, or have another account propose',
  }),
  DIP_DIFFERS: spec<{ path: string; number: number; difference: string }>({
    exitCode: 1,
    message: (f) => `DIP ${f.number} is not what ${f.path} says: ${f.difference}`,
    hint: () => 'what is on chain is what will be executed; do not vote for it because of the file',
  }),
  DIP_NOT_PROPOSER: spec<{ number: number; account: string; proposer: string }>({
    exitCode: 1,
    message: (f) =>
      `DIP ${f.number} can be cancelled by its proposer ${f.proposer}, expected that and not ${f.account}`,
    hint: () => 'nothing was sent; name the key of the proposer, or vote against it',
  }),
  VOTE_NONE: spec<{ number: number; account: string; at: string }>({
    exitCode: 1,
    message: (f) => `${f.account} has no votes on DIP ${f.number}: what counts is what was delegated to it at ${f.at}`,
    hint: () => 'nothing was sent; delegate now for the next proposals: "miner dip delegate ADDRESS", also to yourself',
  }),
  VOTE_CAST: spec<{ number: number; account: string; cast: string }>({
    exitCode: 1,
    message: (f) => `${f.account} has voted on DIP ${f.number} already: ${f.cast}`,
    hint: () => 'nothing was sent; a vote that is cast cannot be changed',
  }),
  VOTE_SPLIT: spec<{ asked: string; left: string; weight: string }>({
    exitCode: 1,
    message: (f) => `${f.asked} votes are asked for, expected at most the ${f.left} that are left of ${f.weight}`,
    hint: () => 'percentages are of all your votes at the snapshot, cast before or not',
  }),
  BALLOT_FILE: spec<{ path: string; problem: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: not a ballot that can be handed in: ${f.problem}`,
    hint: () => 'nothing was sent; have the voter sign anew: "miner dip vote ID for --by-signature FILE"',
  }),
  CHAIN_SILENT: spec<{ url: string; reason: string; hash: string }>({
    exitCode: 3,
    message: (f) =>
      `the chain at ${f.url} stopped answering (${f.reason})` +
      (f.hash ? `; transaction ${f.hash} may have been taken or not` : '; nothing was sent'),
    hint: () => 'run the same command again when it answers: it looks at what was done and goes on from there',
  }),
  CHAIN_ANSWER: spec<{ reason: string }>({
    exitCode: 3,
    message: (f) => `the chain answered what cannot be used: ${f.reason}`,
    hint: () => 'ask another node with --rpc; does the deployment belong to this chain?',
  }),
  TRANSACTION_REPLACED: spec<{ hash: string; nonce: number; from: string }>({
    exitCode: 3,
    message: (f) => `transaction ${f.hash} is void: ${f.from} sent another one with its number ${f.nonce}`,
    hint: () => 'run the same command again: it looks at what was done and goes on from there',
  }),
  CONFIRMATION_MISSING: spec<{ action: string }>({
    exitCode: 2,
    message: (f) => `${f.action}: there is no terminal to ask on whether this is meant`,
    hint: () => 'nothing was sent; look with --dry-run, then add --yes',
  }),
  NOT_CONFIRMED: spec<{ action: string }>({
    exitCode: 1,
    message: (f) => `${f.action}: the answer was no`,
    hint: () => 'nothing was sent',
  }),
  CHAIN_NOT_SIMULATED: spec<{ url: string; chainId: number; client: string }>({
    exitCode: 2,
    message: (f) =>
      `the chain at ${f.url} (${f.chainId}, ${f.client}) is no simulated one, so its clock cannot be moved`,
    hint: () => 'there, time passes by itself: "miner dip watch" tells when the next step is possible',
  }),
  // keys
  KEY_SOURCE: spec<{ count: number }>({
    exitCode: 2,
    message: (f) => `${f.count === 0 ? 'no key is named' : 'several keys are named'}, expected one`,
    hint: () => 'give one of --keystore FILE, --key-env NAME, --signer URL or, on a local chain, --account N',
  }),
  KEY_BARE: spec<{ option: string; expected: string }>({
    exitCode: 2,
    message: (f) => `${f.option} was given what looks like a key itself, expected ${f.expected}`,
    hint: () => 'the shell keeps what you type: count that key as seen by others, and move what it holds',
  }),
  KEY_LOCAL: spec<{ index: number; chainId: number; localChainId: number }>({
    exitCode: 2,
    message: (f) => `--account ${f.index}: expected a local chain (${f.localChainId}), this is chain ${f.chainId}`,
    hint: () => "the keys of a local chain's accounts are public: name your own with --keystore, --key-env or --signer",
  }),
  KEY_VARIABLE: spec<{ name: string; problem: string }>({
    exitCode: 2,
    message: (f) => `--key-env: the environment variable ${f.name} ${f.problem}`,
    hint: () => 'set it to the 64 hex digits of a private key, for this one command only',
  }),
  KEY_ADDRESS: spec<{ expected: string; found: string }>({
    exitCode: 2,
    message: (f) => `the key is of ${f.found}, but --from says ${f.expected}`,
    hint: () => 'name the other key, or leave --from out',
  }),
  KEY_PASSWORD_NONE: spec<{ question: string }>({
    exitCode: 2,
    message: (f) => `${JSON.stringify(f.question)} cannot be asked: there is no terminal`,
    hint: () => 'give --password-file FILE, readable by you alone',
  }),
  KEYSTORE_FORMAT: spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: not a key file that can be used: ${f.problem}`,
    hint: () => 'expected Web3 Secret Storage version 3, as wallets and "miner key new" write it',
  }),
  KEYSTORE_TAKEN: spec<{ path: string }>({
    exitCode: 2,
    message: (f) => `${f.path}: something is there already, and a key file is never written over`,
    hint: () => 'choose another path',
  }),
  KEYSTORE_OPEN: spec<{ path: string }>({
    exitCode: 2,
    message: (f) => `${f.path}: an empty password would leave the key open to whoever has the file`,
    hint: () => 'nothing was written; give a password',
  }),
  KEYSTORE_TWICE: spec<{ path: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: the two passwords are not the same`,
    hint: () => 'nothing was written; try again',
  }),
  KEYSTORE_PASSWORD: spec<{ path: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: the password does not open it`,
    hint: () => 'try again; nothing was sent',
  }),
  SIGNER_FAILED: spec<{ url: string; problem: string }>({
    exitCode: 3,
    message: (f) => `the signer at ${f.url}: ${f.problem}`,
    hint: () => 'nothing was sent; check that it runs, and what it asks you there',
  }),
  SIGNER_ACCOUNT: spec<{ url: string; accounts: string[]; from: string }>({
    exitCode: 2,
    message: (f) =>
      `the signer at ${f.url} has ${f.accounts.join(', ') || 'no account'}, expected ${f.from || 'one, or --from'}`,
    hint: () => 'say with --from which of its accounts is meant',
  }),
  // applicants: decoders, bounties, licences and production lines
  BATCH_ROW: spec<{ place: string; problem: string }>({
    exitCode: 1,
    message: (f) => `${f.place}: ${f.problem}`,
    hint: () =>
      'a line a device: its public key or address, then owner, model and curve where wanted; nothing was written',
  }),
  BATCH_FILE: spec<{ path: string; problem: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: ${f.problem}`,
    hint: () => 'make the folder with "miner enrol batch", and leave its files as they are',
  }),
  BATCH_DEVICE: spec<{ path: string; device: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: device ${f.device} is not in this batch`,
    hint: () => 'check the key and the folder; a device is named by the address of its key',
  }),
  SIGNER_DIFFERS: spec<{ what: string; expected: string; got: string }>({
    exitCode: 1,
    message: (f) => `${f.what} is signed by ${f.expected}, not by ${f.got}`,
    hint: () => 'use the key of the one that is asked for, or have it signed there and give the signature',
  }),
  LICENCE_UNKNOWN: spec<{ licence: string; count: number }>({
    exitCode: 1,
    message: (f) => `there is no licence ${f.licence}: ${f.count} were granted, numbered from 1`,
    hint: () => 'see "miner licence show"; a licence is granted by a DIP ("miner dip new licence")',
  }),
  LICENCE_STATUS: spec<{ licence: string; status: string; step: string; expected: string }>({
    exitCode: 1,
    message: (f) => `licence ${f.licence} is ${f.status}: to ${f.step} it has to be ${f.expected}`,
    hint: () => 'see "miner licence show" for what can be done with it; nothing was sent',
  }),
  TOKENS_MISSING: spec<{ account: string; needed: string; has: string }>({
    exitCode: 1,
    message: (f) => `${f.account} has ${f.has} DIMO, ${f.needed} are needed`,
    hint: () => 'send tokens to this account first, or use another one; nothing was sent',
  }),
  VERIFIER_NOT_LISTED: spec<{ verifier: string }>({
    exitCode: 1,
    message: (f) => `the contract ${f.verifier} is no listed verifier of makers' signatures`,
    hint: () => 'a DIP lists it (set-verifier); an address of a secp256k1 key needs none',
  }),
  BOUNTY_SECRET: spec<{ path: string; problem: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: ${f.problem}`,
    hint: () => 'the file is written by "miner bounty commit"; without its salt the commitment is of no use',
  }),
  BOUNTY_UNCOMMITTED: spec<{ commitment: string }>({
    exitCode: 1,
    message: (f) => `commitment ${f.commitment} is not on the chain`,
    hint: () => 'run "miner bounty commit" with the same secret file first; nothing was shown',
  }),
  BOUNTY_TAKEN: spec<{ contentHash: string; author: string; block: number }>({
    exitCode: 1,
    message: (f) => `the work ${f.contentHash} is ${f.author}'s, who committed to it in block ${f.block}`,
    hint: () => 'the earliest commitment to a work holds; nothing was shown',
  }),
  BOUNTY_NONE: spec<{ platform: string; problem: string }>({
    exitCode: 1,
    message: (f) => `platform ${f.platform}: ${f.problem}`,
    hint: () => 'see "miner bounty show" with this platform',
  }),
  GATE_GOLDEN: spec<{ place: string; frame: string; what: string; expected: string; backEnd: string; got: string }>({
    exitCode: 1,
    message: (f) => `${f.place}: frame ${f.frame}: ${f.what}: expected ${f.expected}, ${f.backEnd} gives ${f.got}`,
    hint: () => 'mend the DBC or the golden frame; "miner dbc package check" shows all that differ; no DIP was written',
  }),
  GATE_REPORT: spec<{ path: string; problem: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: ${f.problem}`,
    hint: () => 'a report of the gate is written by "miner dip new decoder" or "miner dip gate -o"',
  }),
  GATE_PACKAGE: spec<{ path: string; errors: number; place: string; problem: string }>({
    exitCode: 1,
    message: (f) =>
      `${f.path}: ${f.errors === 1 ? 'one error' : `${f.errors} errors, the first`}: ${f.place}: ${f.problem}`,
    hint: () => '"miner dbc package check" shows them all; no DIP was written',
  }),
  DECODER_STATUS: spec<{ contentHash: string; status: string; expected: string }>({
    exitCode: 1,
    message: (f) => `decoder ${f.contentHash} is ${f.status} on this chain, expected ${f.expected}`,
    hint: () => 'check the chain and the file: a hash is of every byte; no DIP was written',
  }),
  CONSENT_FILE: spec<{ path: string; problem: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: ${f.problem}`,
    hint: () => 'have the author make it anew with "miner dip consent", with the same package and options',
  }),
  CONFORMANCE_FILE: spec<{ path: string; problem: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: ${f.problem}`,
    hint: () => 'a conformance report is a JSON object; it is attached by the hash of its bytes',
  }),
  DEADLINE_EARLY: spec<{ what: string; at: string; earliest: string }>({
    exitCode: 1,
    message: (f) => `${f.what} ends on ${f.at}, but the DIP cannot execute before ${f.earliest}`,
    hint: () => 'a later date is needed: votes can be extended, so leave some weeks',
  }),
} as const;

export const toolError = errorFactory(toolErrors);
export type ToolErrorCode = keyof typeof toolErrors;
