/** `miner checkpoint ...`: what offline Miners trust, made from the chain and signed by several people. */
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { CheckpointFile } from '../../../edge/trust/index.ts';
import { defaultFolder } from '../data-folder.ts';
import { table } from '../table.ts';

interface CommonFlags {
  data: string;
  rpc?: string;
  output?: string;
  json?: boolean;
}

interface MakeFlags extends CommonFlags {
  dbc: string[];
  decoder: string[];
  expires: number;
  force?: boolean;
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Such as 7d, 36h, 90m, 600s. @returns seconds */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * unitSeconds[unit ?? ''];
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError('Expected a time such as 7d, 36h, 90m or 600s.');
}

function parseHash(text: string, before: string[]): string[] {
  if (!/^(0x)?[0-9a-fA-F]{64}$/.test(text)) throw new InvalidArgumentError('Expected a SHA-256, 64 hex digits.');
  return [...before, text.slice(-64).toLowerCase()];
}

export function registerCheckpoint(program: Command): void {
  const checkpoint = program
    .command('checkpoint')
    .description('what offline Miners trust: made from the chain, signed by k of n, verified without a network');
  const withChain = (command: Command) =>
    command
      .option('--data <folder>', 'where `miner chain` wrote', defaultFolder)
      .option('--rpc <url>', "the chain's JSON-RPC, where it differs from what `miner chain` wrote")
      .option('--json', 'one object');
  withChain(
    checkpoint
      .command('make')
      .description('read the registry and write a checkpoint without signatures')
      .requiredOption('-o, --output <file>', 'where to write it')
      .option('--dbc <file...>', 'decoders to hold proofs for; every active one when nothing is named', [])
      .option('--decoder <sha256>', 'the same by content hash; may be given again', parseHash, [])
      .option('--expires <time>', 'how long it is good: 7d, 36h, 90m', parseDuration, 7 * 86_400)
      .option('--force', 'replace a file that is there'),
  )
    .addHelpText('after', '\nExample\n  $ miner checkpoint make --dbc car.dbc --expires 7d -o car.checkpoint')
    .action(make);
  checkpoint
    .command('sign')
    .argument('<file>', 'a checkpoint')
    .description('add a signature; the key is read, never printed')
    .requiredOption('--key <file>', "a checkpoint signer's key, 64 hex digits")
    .option('-o, --output <file>', 'where to write it; over the file itself when left out')
    .option('--rpc <url>', 'compare root and epoch with the chain before signing')
    .option('--data <folder>', 'with --rpc: where `miner chain` wrote which registry is meant', defaultFolder)
    .option('--json', 'one object')
    .addHelpText(
      'after',
      '\nWho signs vouches for the root: give --rpc with a node of your own.\n\nExample\n  $ miner checkpoint sign car.checkpoint --key alice.key --rpc http://127.0.0.1:8545',
    )
    .action(sign);
  checkpoint
    .command('combine')
    .argument('<file...>', 'copies of one checkpoint that different people signed')
    .description('one file with the signatures and decoders of all')
    .requiredOption('-o, --output <file>', 'where to write it')
    .option('--force', 'replace a file that is there')
    .option('--json', 'one object')
    .addHelpText('after', '\nExample\n  $ miner checkpoint combine alice.checkpoint bob.checkpoint -o car.checkpoint')
    .action(combine);
  checkpoint
    .command('show')
    .argument('<file>', 'a checkpoint')
    .description('what a checkpoint says, without believing it')
    .option('--json', 'one object')
    .addHelpText('after', '\nExample\n  $ miner checkpoint show car.checkpoint')
    .action(show);
  checkpoint
    .command('verify')
    .argument('<file>', 'a checkpoint')
    .description('whether a Miner would take it, without a network; exit 1 with the reason when not')
    .option('--signers <file>', 'who may sign; <data>/checkpoint-signers.json when left out')
    .option('--data <folder>', 'where `miner chain` wrote', defaultFolder)
    .option('--json', 'one object')
    .addHelpText('after', '\nExample\n  $ miner checkpoint verify car.checkpoint --signers checkpoint-signers.json')
    .action(verify);
  withChain(
    checkpoint
      .command('signers')
      .description('write down who signs checkpoints, as the chain has it: what a device is provisioned with')
      .option('-o, --output <file>', 'where to write it; <data>/checkpoint-signers.json when left out'),
  )
    .addHelpText('after', '\nExample\n  $ miner checkpoint signers -o checkpoint-signers.json')
    .action(signers);
}

async function modules() {
  const [tools, trust, { toHex }, { readInput }, { writeOutput }, { readChain, readOrMakeKey }] = await Promise.all([
    import('../../checkpoint/index.ts'),
    import('../../../edge/trust/index.ts'),
    import('../../../edge/pack/index.ts'),
    import('../../files.ts'),
    import('../../dbc/open-node.ts'),
    import('../data-folder.ts'),
  ]);
  const read = (file: string) => trust.decodeCheckpointFile(readInput(file));
  return { ...tools, ...trust, toHex, readInput, writeOutput, readChain, readOrMakeKey, read };
}

const decoders = ({ length }: readonly unknown[]) => `${length} decoder${length === 1 ? '' : 's'}`;

function print(json: boolean | undefined, facts: object, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(facts) : text}\n`);
}

async function make({ data, rpc, output = '', dbc, decoder, expires, force, json }: MakeFlags): Promise<void> {
  const { readChain, readInput, makeCheckpoint, encodeCheckpointFile, writeOutput, utc } = await modules();
  const { contentHash } = await import('../../../edge/dbc/index.ts');
  const { rpcUrl, deployment } = readChain(data);
  const named = [...dbc.map((file) => contentHash(readInput(file))), ...decoder];
  const { file, cutShortBy } = await makeCheckpoint({
    rpcUrl: rpc ?? rpcUrl,
    deployment,
    contentHashes: named.length > 0 ? [...new Set(named)] : undefined,
    issued: Math.floor(Date.now() / 1000),
    validSeconds: expires,
  });
  if (cutShortBy) {
    const { contentHash: hash, graceEnds } = cutShortBy;
    process.stderr.write(`it expires at ${utc(graceEnds)}: the grace of decoder ${hash} ends then\n`);
  }
  if (file.signerSet.signers.length === 0)
    process.stderr.write('the registry lists no checkpoint signers: nobody can sign this before a DIP does\n');
  writeOutput(output, encodeCheckpointFile(file), force ?? false);
  const facts = await factsOf(file);
  const text = `${output}: epoch ${facts.epoch}, ${decoders(facts.decoders)}, good until ${facts.expires}; unsigned`;
  print(json, facts, text);
}

async function sign(file: string, flags: CommonFlags & { key: string }): Promise<void> {
  const { read, readInput, readOrMakeKey, readChain, compareWithChain, signCheckpoint, ...rest } = await modules();
  const { withSignature, encodeCheckpointFile, writeOutput } = rest;
  const before = read(file);
  // Read for its error: the function after it would make a key where there is none.
  readInput(flags.key);
  const { account } = readOrMakeKey(flags.key);
  if (flags.rpc) await compareWithChain(flags.rpc, readChain(flags.data).deployment, before.checkpoint);
  else process.stderr.write('not compared with the chain: give --rpc to sign only what it says\n');
  const after = withSignature(before, await signCheckpoint(before, account));
  writeOutput(flags.output ?? file, encodeCheckpointFile(after), true);
  const facts = { signer: account.address, signatures: after.signatures.length, threshold: after.signerSet.threshold };
  const text = `signed by ${facts.signer}: ${facts.signatures} of ${facts.threshold} signatures needed`;
  print(flags.json, facts, text);
}

async function combine(paths: string[], flags: CommonFlags & { force?: boolean }): Promise<void> {
  const { read, combineFiles, encodeCheckpointFile, writeOutput } = await modules();
  const file = combineFiles(paths.map((each) => ({ path: each, file: read(each) })));
  writeOutput(flags.output ?? '', encodeCheckpointFile(file), flags.force ?? false);
  const facts = {
    signatures: file.signatures.length,
    threshold: file.signerSet.threshold,
    decoders: file.entries.length,
  };
  print(flags.json, facts, `${flags.output}: ${facts.signatures} of ${facts.threshold} signatures needed`);
}

async function show(path_: string, { json }: CommonFlags): Promise<void> {
  const { read } = await modules();
  const facts = await factsOf(read(path_));
  const rows: (string | number)[][] = [
    ['chain', `${facts.chainId}, registry ${facts.registry}`],
    ['epoch', `${facts.epoch}, at block ${facts.blockNumber}`],
    ['root', facts.root],
    ['issued', facts.issued],
    ['expires', facts.expires],
    ['digest', facts.digest],
    ['signers', `${facts.threshold} of ${facts.signers.length} must sign; as the file says, which proves nothing`],
    ...facts.signatures.map((signer) => ['signed by', signer]),
    ...facts.decoders.map(({ contentHash, index }) => ['decoder', `${contentHash}, number ${index}`]),
  ];
  print(json, facts, table(rows));
}

async function factsOf(file: CheckpointFile) {
  const { hashCheckpoint, toHex, utc } = await modules();
  const { checkpoint, signatures, signerSet, entries } = file;
  const address = (bytes: Uint8Array) => `0x${toHex(bytes)}`;
  return {
    chainId: checkpoint.chainId,
    registry: address(checkpoint.registry),
    epoch: checkpoint.epoch,
    blockNumber: checkpoint.blockNumber,
    root: toHex(checkpoint.root),
    issued: utc(checkpoint.issued),
    expires: utc(checkpoint.expires),
    digest: toHex(hashCheckpoint(checkpoint)),
    threshold: signerSet.threshold,
    signers: signerSet.signers.map(address),
    signatures: signatures.map(({ signer }) => address(signer)),
    decoders: entries.map(({ contentHash, index }) => ({ contentHash: toHex(contentHash), index })),
  };
}

async function verify(file: string, flags: CommonFlags & { signers?: string }): Promise<void> {
  const { readInput, readSignersFile, signersFileName, verifyCheckpoint, toHex, utc } = await modules();
  const { chainId, registry, signerSet } = readSignersFile(flags.signers ?? path.join(flags.data, signersFileName));
  const verified = verifyCheckpoint(readInput(file), { chainId, registry, signerSet, nowMs: Date.now() });
  const { epoch, expires } = verified.checkpoint;
  const facts = {
    valid: true,
    epoch,
    expires: utc(expires),
    signers: verified.signers.map((signer) => `0x${toHex(signer)}`),
    threshold: signerSet.threshold,
    decoders: [...verified.decoders.keys()],
  };
  const signed = `${facts.signers.length} of ${facts.threshold} signatures needed`;
  print(flags.json, facts, `good: epoch ${epoch} until ${facts.expires}, ${signed}, ${decoders(facts.decoders)}`);
}

async function signers({ data, rpc, output, json }: CommonFlags): Promise<void> {
  const { readChain, readSignersOf, signersFileName, signersText, writeOutput, toHex } = await modules();
  const { rpcUrl, deployment } = readChain(data);
  const pinned = await readSignersOf(rpc ?? rpcUrl, deployment);
  const target = output ?? path.join(data, signersFileName);
  const { threshold } = pinned.signerSet;
  const addresses = pinned.signerSet.signers.map((signer) => `0x${toHex(signer)}`);
  if (addresses.length === 0)
    process.stderr.write('the registry lists no checkpoint signers: a DIP has to (setCheckpointSigners)\n');
  writeOutput(target, signersText(pinned), true);
  print(
    json,
    { file: target, threshold, signers: addresses },
    `${target}: ${threshold} of ${addresses.length} must sign`,
  );
}
