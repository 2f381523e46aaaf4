/** What a check found, for people to read. */
import { printable } from '../../dbc/index.ts';
import type { Deployment } from '../../deploy/index.ts';
import { levelWords } from '../explain.ts';
import { duration, percent, tokens, utc } from '../format.ts';
import type { DipCheck, Trial } from './check.ts';
import { nameOf } from './contracts.ts';
import type { ExecutionEvent } from './execute.ts';
import { type Leaf, leafText, leaves, type Unit } from './values.ts';

/** Lines of plain text; what came from a file or a chain cannot steer a terminal with it. */
export function reportCheck(check: DipCheck, deployment: Deployment, actionNames: readonly string[]): string[] {
  const { title, calls, origins, warnings } = check;
  return [
    title,
    '',
    'If it executes, it will',
    ...calls.map(({ words }, call) => `  ${call + 1}. ${words}  [${actionNames[origins[call]!]}]`),
    '',
    ...rows([...needs(check), ...proposer(check)]),
    '',
    'If it were proposed now',
    ...rows(stages(check), '  '),
    '',
    ...(check.trial ? trialLines(check.trial, deployment) : ['It was not tried on a copy of the chain.']),
    '',
    ...(warnings.length === 0
      ? ['Nothing about what it does is odd.']
      : ['Warnings', ...warnings.map((warning) => `  ! ${warningText(warning)}`)]),
  ].map(printable);
}

export function warningText({ text, call }: DipCheck['warnings'][number]): string {
  return call === undefined ? text : `call ${call + 1}: ${text}`;
}

function rows(cells: readonly (readonly [string, string])[], indent = ''): string[] {
  const width = Math.max(0, ...cells.map(([name]) => name.length));
  return cells.map(([name, text]) => `${indent}${name.padEnd(width)}  ${text}`);
}

function needs({ needs }: DipCheck): [string, string][] {
  const { level, reason, decidingCall, majorityBps, quorumBps, quorum, circulating } = needs;
  const majority = majorityBps === 5_000 ? 'more than 50 %' : `at least ${percent(majorityBps)}`;
  return [
    ['level', `${level}: call ${decidingCall + 1} decides, ${levelWords[reason]}`],
    ['majority', `${majority} of for and against`],
    [
      'quorum',
      `${tokens(quorum)} DIMO for or abstain: ${percent(quorumBps)} of the ${tokens(circulating)} that circulate`,
    ],
  ];
}

function proposer({ proposer }: DipCheck): [string, string][] {
  if (!proposer) return [];
  const { address, votes, threshold, proposalId } = proposer;
  const enough = votes >= threshold ? 'enough' : `${tokens(threshold - votes)} too few`;
  return [
    ['proposer', `${address} has ${tokens(votes)} votes, and ${tokens(threshold)} are needed to propose: ${enough}`],
    ['proposal id', proposalId.toString()],
  ];
}

function stages({ timetable }: DipCheck): [string, string][] {
  const { proposed, votingOpens, votingEnds, votingEndsLatest, executeFrom, executeUntil, queueUntil } = timetable;
  return [
    ['voting opens', `${utc(votingOpens)}, in ${duration(votingOpens - proposed)}`],
    ['voting ends', `${utc(votingEnds)}; with every extension ${utc(votingEndsLatest)}`],
    ['queued', `until ${utc(queueUntil)} at the latest, else it expires`],
    [
      'executed',
      `from ${utc(executeFrom)}, in ${duration(executeFrom - proposed)}; until ${utc(executeUntil)} at the latest`,
    ],
  ];
}

function trialLines({ execution, named, slots, bricks }: Trial, deployment: Deployment): string[] {
  const { failure, executedAt, gasUsed, events } = execution;
  if (failure) {
    const where = failure.call === undefined ? 'before any call' : `at call ${failure.call + 1}`;
    return [`Tried on a copy of the chain, it FAILS ${where}: ${failure.by}: ${failure.reason}`];
  }
  const transfers = events.filter(isTransfer);
  const others = events.filter((event) => !isTransfer(event));
  return [
    `Tried on a copy of the chain: executed on ${utc(executedAt)} with ${tokens(gasUsed * 10n ** 18n)} gas`,
    ...(bricks ? [`  AFTERWARDS NO WORKING VOTE WOULD BE LEFT: ${bricks}`] : []),
    ...section(
      '  what changes',
      named.map(({ of, field, before, after }) => `${of}${field ? `, ${field}` : ''}: ${before} -> ${after}`),
    ),
    ...section(
      '  transfers',
      transfers.map((event) => transferText(event, deployment)),
    ),
    ...section(
      '  events',
      others.map((event) => eventText(event, deployment)),
    ),
    ...section(
      '  storage that no name is known for',
      slots.map(
        ({ address, contract, slot, before, after }) => `${contract ?? address} ${slot}: ${before} -> ${after}`,
      ),
    ),
  ];
}

const section = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `    ${line}`)];

const isTransfer = ({ name, args }: ExecutionEvent) => name === 'Transfer' && typeof args.value === 'bigint';

function transferText({ call, address, contract, args }: ExecutionEvent, deployment: Deployment): string {
  const who = (account: unknown) => (/^0x0+$/.test(String(account)) ? 'nowhere' : nameOf(deployment, String(account)));
  const amount =
    contract === 'DimoToken'
      ? `${tokens(args.value as bigint)} DIMO`
      : `${args.value} units of ${nameOf(deployment, address)}`;
  return `${call + 1}. ${amount} from ${who(args.from)} to ${who(args.to)}`;
}

function eventText(event: ExecutionEvent, deployment: Deployment): string {
  const { call, address, contract, name, args, inputs, topics, data } = event;
  const where = contract ?? address;
  if (!name) return `${call + 1}. ${where}: an event that is not known, topics ${topics?.join(' ')}, data ${data}`;
  const unit = unitOf(event, deployment);
  const values = inputs
    .flatMap((input) => leaves(input, args[input.name!], [input.name!]))
    .map((leaf) => `${leaf.path}: ${leafText(leaf, isAmount(leaf) ? unit : undefined, deployment)}`);
  return `${call + 1}. ${where}.${name}(${values.join(', ')})`;
}

const isAmount = ({ parameter }: Leaf) =>
  parameter.type === 'uint256' && /^(amount|value|total|bond|previousVotes|newVotes)$/.test(parameter.name ?? '');

/** What the amounts of an event of ours are of. */
function unitOf({ contract, name, args }: ExecutionEvent, deployment: Deployment): Unit | undefined {
  if (name === 'EtherSpent' || name === 'EtherReceived' || name === 'Executed') return 'ETH';
  const isForeign = contract === 'Treasury' && args.token !== deployment.addresses.DimoToken;
  return contract && !isForeign ? 'DIMO' : undefined;
}
