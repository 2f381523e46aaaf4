/** What a demo run ends with: the same facts as one object and as a table. */
import { table } from '../table.ts';
import type { StepRecord } from './narrator.ts';

export interface DipRecord {
  title: string;
  proposalId: string;
  level: number;
  votesFor: string;
  votesAgainst: string;
  quorum: string;
  state: string;
}

export interface Refusal {
  what: string;
  seq: number | null;
  code: string;
  reason: string;
}

export interface DemoReport {
  held: boolean;
  seed: number;
  source: string;
  port: string;
  frames: { sent: number; received: number; decoded: number; notInDecoder: number; lost: number };
  packs: { signed: number; accepted: number; refused: number };
  refusals: Refusal[];
  samples: number;
  bytesPerSample: number | null;
  reward: { epoch: number; account: string; tokens: string } | null;
  dips: DipRecord[];
  steps: StepRecord[];
  tookMs: number;
}

export function reportText(report: DemoReport): string {
  const { frames, packs } = report;
  const lines = [
    '',
    table([
      ['vehicle', `${report.source}, on ${report.port}`],
      ['frames', `${frames.sent} sent, ${frames.received} received, ${frames.lost} lost`],
      ['', `${frames.decoded} decoded, ${frames.notInDecoder} with an id that the decoder does not have`],
      ['packs', `${packs.signed} signed, ${packs.accepted} accepted, ${packs.refused} refused`],
      ...report.refusals.map((r) => ['', `${r.what}: ${r.code}`]),
      ['samples', `${report.samples}, ${report.bytesPerSample?.toFixed(2) ?? '-'} bytes each, signature included`],
      ...(report.reward ? [['reward', `epoch ${report.reward.epoch}: ${report.reward.tokens} tokens claimed`]] : []),
    ]),
    '',
    table([
      ['DIP', 'level', 'for', 'against', 'quorum', 'state'],
      ...report.dips.map((d) => [d.title, d.level, d.votesFor, d.votesAgainst, d.quorum, d.state]),
    ]),
    '',
    report.held
      ? `Every step held; ${(report.tookMs / 1000).toFixed(1)} s.`
      : `NOT every step held: ${report.steps
          .filter((s) => !s.held)
          .map((s) => s.name)
          .join(', ')}; ${(report.tookMs / 1000).toFixed(1)} s.`,
  ];
  return `${lines.join('\n')}\n`;
}
