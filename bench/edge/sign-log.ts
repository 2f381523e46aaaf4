/** Signing packs, and appending them to the log: in memory, and on a disk with a sync for each. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openPack, signPack } from '../../edge/pack/index.ts';
import { MemoryStorage } from '../../edge/sim/index.ts';
import { PackLog, type Storage } from '../../edge/store/index.ts';
import { DirectoryStorage } from '../../edge/store/node.ts';
import { type Contestant, measure } from '../measure.ts';
import { exampleAad, exampleSigner, twelveSignals } from './example-packs.ts';
import { emptyPart, type PartReport } from './figures.ts';
import { type EdgeTiming, rateFigure } from './rounds.ts';

const options = { externalAad: exampleAad };
/** Of ten seconds of twelve signals. */
const exampleBody = () => twelveSignals({ seed: 1, seconds: 10, perMessage: 3 });

export function benchSign(timing: EdgeTiming): PartReport {
  const part = emptyPart();
  const body = exampleBody();
  const bytes = signPack(exampleSigner, body, options);
  part.checksum = createHash('sha256').update(bytes).digest('hex');
  if (openPack(bytes, options).body.seq !== body.seq) part.faults.push('sign: the pack opens to another body');
  const signing: Contestant = {
    name: 'sign',
    frameCount: 16,
    blockFrames: 1,
    runBlock: (from) => signPack(exampleSigner, { ...body, seq: body.seq + from }, options).length,
  };
  const [measured] = measure([signing], timing);
  part.figures.push(rateFigure(measured, { key: 'sign', label: 'encode and sign, ES256K', unit: 'packs/s' }));
  part.notes.push(`A pack of ten seconds of twelve signals: ${bytes.length} bytes.`);
  return part;
}

export function benchLog(timing: EdgeTiming): PartReport {
  const part = emptyPart();
  const bytes = signPack(exampleSigner, exampleBody(), options);
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-bench-log-'));
  const disk = new DirectoryStorage(folder);
  try {
    const logs = [appending('memory', new MemoryStorage(), bytes), appending('disk', disk, bytes)];
    const measured = measure(logs, timing);
    const labels = ['append to the log, memory', 'append to the log, disk, each synced'];
    part.figures = measured.map((one, i) =>
      rateFigure(one, { key: `log_${logs[i].name}`, label: labels[i], unit: 'packs/s' }),
    );
    for (const { name, dropped } of logs) {
      if (dropped() > 0) part.faults.push(`log, ${name}: ${dropped()} packs could not be stored`);
    }
  } finally {
    disk.close();
    rmSync(folder, { recursive: true });
  }
  return part;
}

function appending(name: string, storage: Storage, bytes: Uint8Array): Contestant & { dropped(): number } {
  const { log } = PackLog.open(storage, { bytesMax: 1 << 22 });
  let refused = 0;
  return {
    name,
    frameCount: 16,
    blockFrames: 1,
    runBlock() {
      const seq = log.nextSeq();
      if (seq === undefined || !log.append(seq, bytes)) refused++;
      return refused;
    },
    dropped: () => refused,
  };
}
