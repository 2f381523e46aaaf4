/** How many bytes packs take, signature included. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sampleCount, signPack } from '../../edge/pack/index.ts';
import { packageRoot } from '../../tools/package-root.ts';
import { exampleAad, exampleSigner, legacyStatus, twelveSignals } from './example-packs.ts';
import { emptyPart, type PartReport } from './figures.ts';
import { medianFigure } from './rounds.ts';

const statusFile = path.join(packageRoot, '../shared/vectors/pack/dimo-status-v2.json');
const seeds = 9;

export function benchSizes(): PartReport {
  const part = emptyPart();
  const hash = createHash('sha256');
  if (existsSync(statusFile)) {
    const body = legacyStatus(readFileSync(statusFile, 'utf8'));
    const bytes = signPack(exampleSigner, body, { externalAad: exampleAad });
    hash.update(bytes);
    part.figures.push({
      key: 'sizes_status',
      label: `a status of ${sampleCount(body)} signals`,
      value: bytes.length,
      unit: 'bytes',
      goal: 330,
      better: 'less',
    });
  } else {
    part.skipped.push('the status of 21 signals: ../shared/vectors/pack is not here');
  }
  for (const perMessage of [1, 3]) {
    const sizes = Array.from({ length: seeds }, (_, seed) => {
      const body = twelveSignals({ seed: seed + 1, seconds: 60, perMessage });
      const bytes = signPack(exampleSigner, body, { externalAad: exampleAad });
      hash.update(bytes);
      return bytes.length / sampleCount(body);
    });
    const words = {
      key: `sizes_minute_${perMessage}`,
      label: `twelve signals at 1 Hz for 60 s, ${perMessage} to a message`,
      unit: 'bytes a sample',
      goal: 2.4,
    };
    const figure = medianFigure(sizes, words);
    part.figures.push({ ...figure, slowest: figure.fastest, fastest: figure.slowest, better: 'less' });
    part.notes.push(
      `${perMessage} to a message: ${Math.abs(2 - figure.value).toFixed(2)} bytes a sample ${figure.value > 2 ? 'above' : 'below'} the 2.0 aimed at.`,
    );
  }
  part.checksum = hash.digest('hex');
  return part;
}
