/** What the poller knows of one control unit during a drive. */
import { type EcuAddress, ecuName } from './addresses.ts';

/** Misses in a row after which a control unit counts as silent. */
const silentMisses = 3;
const pauseMsLeast = 1000;
const pauseMsMost = 60_000;

export class EcuState {
  readonly address: EcuAddress;
  readonly name: string;
  /** Parameters that it says it has. */
  pids: readonly number[] = [];
  /** Parameters that one request may name; falls to 1 when it does not answer all of them. */
  pidsPerRequest: number;
  /** Services that it refused, until the next drive. */
  readonly refusedServices = new Set<number>();
  /** `functional`: it answers questions to all, but none to itself. */
  reach: 'unknown' | 'physical' | 'functional' = 'unknown';
  notBeforeMs = 0;
  #misses = 0;

  constructor(address: EcuAddress, pidsPerRequest: number) {
    this.address = address;
    this.name = ecuName(address);
    this.pidsPerRequest = pidsPerRequest;
  }

  get isSilent(): boolean {
    return this.#misses >= silentMisses;
  }

  answered(): void {
    this.#misses = 0;
    this.notBeforeMs = 0;
  }

  missed(nowMs: number): void {
    this.#misses++;
    if (this.isSilent) {
      this.notBeforeMs = nowMs + Math.min(pauseMsMost, pauseMsLeast * 2 ** (this.#misses - silentMisses));
    }
  }
}
