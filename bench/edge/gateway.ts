/** A gateway on one core: packs verified, stored and receipted a second. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packAad, signPack, softwareSigner } from '../../edge/pack/index.ts';
import { nativeSigner } from '../../edge/pack/node-signer.ts';
import { Gateway, Ledger } from '../../tools/gateway/index.ts';
import { approvingTrust } from './approving-trust.ts';
import { twelveSignals } from './example-packs.ts';
import { emptyPart, type PartReport } from './figures.ts';
import { type EdgeTiming, medianFigure } from './rounds.ts';

const goalPacksPerSecond = 2500;
const devices = 4;
/** As `miner gateway` makes its own. */
const receiptSigner = nativeSigner(new Uint8Array(32).fill(99));
/** Handed over at once, as a broker does: commits may be shared. */
const inFlight = 64;

/** @param packsEach packs of each device in a round */
export async function benchGateway(timing: EdgeTiming, packsEach: number): Promise<PartReport> {
  const part = emptyPart();
  const packs = signedPacks(packsEach);
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-bench-gateway-'));
  const rates: number[] = [];
  const outputs = new Set<string>();
  try {
    for (let round = -1; round < timing.rounds; round++) {
      const { tookMs, refused, hash } = await runGateway(path.join(folder, `${round}`), packs);
      if (refused > 0) part.faults.push(`gateway: ${refused} good packs refused`);
      outputs.add(hash);
      if (round >= 0) rates.push(((packs.length - devices) * 1000) / tookMs);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  if (outputs.size > 1) part.faults.push(`gateway: ${outputs.size} different last receipts of the same packs`);
  [part.checksum] = outputs;
  part.figures.push(
    medianFigure(rates, {
      key: 'gateway',
      label: 'verified, stored on disk and receipted',
      unit: 'packs/s',
      goal: goalPacksPerSecond,
    }),
  );
  part.notes.push(
    `Each round a new ledger takes ${packs.length} packs of ${devices} devices, ten seconds of twelve signals each, ` +
      `${inFlight} at a time; the first of each device, by which the gateway learns its key, is not timed.`,
  );
  return part;
}

/** The devices' packs in turn. */
function signedPacks(packsEach: number): Uint8Array[] {
  const externalAad = packAad(approvingTrust.chainId, approvingTrust.minerRegistry);
  const signers = Array.from({ length: devices }, (_, i) => softwareSigner(new Uint8Array(32).fill(i + 1)));
  return Array.from({ length: packsEach * devices }, (_, i) => {
    const seq = Math.floor(i / devices) + 1;
    const body = twelveSignals({ seed: i + 1, seconds: 10, perMessage: 3, seq });
    return signPack(signers[i % devices], body, { externalAad });
  });
}

async function runGateway(file: string, packs: readonly Uint8Array[]) {
  const ledger = new Ledger(file);
  const gateway = new Gateway({ trust: approvingTrust, ledger, signer: receiptSigner, nowMs: () => 1_700_000_000_000 });
  const last = new Map<number, Uint8Array>();
  let refused = 0;
  // A device's first pack teaches the gateway its key; after that comes what lasts.
  for (const pack of packs.slice(0, devices)) await gateway.receive(pack);
  const startMs = performance.now();
  for (let from = devices; from < packs.length; from += inFlight) {
    const answers = await Promise.all(packs.slice(from, from + inFlight).map((pack) => gateway.receive(pack)));
    answers.forEach(({ receipt, refusal }, i) => {
      if (refusal !== undefined) refused++;
      if (receipt !== undefined) last.set((from + i) % devices, receipt);
    });
  }
  const tookMs = performance.now() - startMs;
  ledger.close();
  const hash = createHash('sha256');
  for (const device of [...last.keys()].sort()) hash.update(last.get(device)!);
  return { tookMs, refused, hash: hash.digest('hex') };
}
