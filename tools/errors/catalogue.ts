/** Errors of the tools, beside those of the Miner in edge/errors. docs/errors.md is drawn from both. */
import { errorFactory, spec } from '../../edge/errors/index.ts';

export const toolErrors = {
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
  // files
  FILE_UNREADABLE: spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: (f) => `${f.path}: cannot be read (${f.reason})`,
    hint: () => 'check the path and its permissions',
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
  // vehicle
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
} as const;

export const toolError = errorFactory(toolErrors);
export type ToolErrorCode = keyof typeof toolErrors;
