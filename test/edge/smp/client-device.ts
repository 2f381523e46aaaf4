/**
 * A device on a script, apart from our server: what it answers is written here from the protocol's documentation. Its
 * upload forgets itself once it is finished, as Zephyr's does.
 */
import { type CborMap, type CborValue, decodeCbor, encodeCbor, equalBytes } from '../../../edge/pack/index.ts';
import { type SeededRandom, VirtualClock } from '../../../edge/sim/index.ts';
import { decodeSmp, encodeSmp, type SmpLink, type SmpMessage } from '../../../edge/smp/index.ts';

/** @returns undefined for a device that stays silent */
export type Script = (request: SmpMessage, body: Map<string, CborValue>) => CborMap | undefined;

export function answerOf(script: Script, bytes: Uint8Array): Uint8Array | undefined {
  const request = decodeSmp(bytes);
  if (request === undefined) throw new Error('the client sent no whole message');
  const body = script(request, decodeCbor(request.body) as Map<string, CborValue>);
  return body && encodeSmp({ ...request, op: (request.op + 1) as 1 | 3, body: encodeCbor(body) });
}

export interface LinkFaults {
  /** Chances in 1,000 for each message, either way. */
  lose: number;
  duplicate: number;
  /** A message comes after those that were sent within this time after it. */
  lateMs: number;
}

/** A link whose messages take a millisecond, and suffer faults. */
export class ScriptedLink implements SmpLink {
  readonly name = 'device';
  readonly sent: SmpMessage[] = [];
  readonly #script: Script;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom | undefined;
  readonly #faults: LinkFaults;
  #receive: (message: Uint8Array) => void = () => {};
  #closed: Parameters<SmpLink['onClose']>[0] = () => {};

  constructor(script: Script, clock: VirtualClock, faults?: LinkFaults & { random: SeededRandom }) {
    this.#script = script;
    this.#clock = clock;
    this.#faults = faults ?? { lose: 0, duplicate: 0, lateMs: 0 };
    this.#random = faults?.random;
  }

  messageBytesMax(bufferBytes: number): number {
    return bufferBytes;
  }

  wireMs(): number {
    return 0;
  }

  async send(message: Uint8Array): Promise<void> {
    const copy = message.slice();
    this.sent.push(decodeSmp(copy)!);
    this.#pass(() => {
      const answer = answerOf(this.#script, copy);
      if (answer !== undefined) this.#pass(() => this.#receive(answer));
    });
  }

  /** What a device sends unasked. */
  push(message: Uint8Array): void {
    this.#receive(message);
  }

  #pass(arrive: () => void): void {
    const { lose, duplicate, lateMs } = this.#faults;
    const random = this.#random;
    const times = random === undefined ? 1 : random.chance(lose, 1000) ? 0 : random.chance(duplicate, 1000) ? 2 : 1;
    for (let i = 0; i < times; i++) this.#clock.schedule(1 + (random?.below(lateMs + 1) ?? 0), arrive);
  }

  onMessage(receive: (message: Uint8Array) => void): void {
    this.#receive = receive;
  }

  onClose(closed: Parameters<SmpLink['onClose']>[0]): void {
    this.#closed = closed;
  }

  async close(fault?: Parameters<typeof this.onClose>[0] extends (fault?: infer Fault) => void ? Fault : never) {
    this.#closed(fault);
  }
}

/** Runs the clock until the promise is settled. @throws when nothing is left to happen */
export async function settled<Value>(clock: VirtualClock, promise: Promise<Value>): Promise<Value> {
  let isSettled = false;
  const done = () => {
    isSettled = true;
  };
  promise.then(done, done);
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isSettled) return promise;
    if (!clock.runNext()) throw new Error('it hangs: nothing is left to happen');
  }
}

/** Takes an upload as Zephyr's image management does. */
export class UploadingDevice {
  flash = new Uint8Array();
  /** Bytes that the upload has so far; undefined when there is none. */
  offset: number | undefined;
  begun = 0;
  finished = 0;
  /** What lay in flash when the last byte came; a first request that comes late again empties it, as on real devices. */
  whole: Uint8Array | undefined;
  #length = 0;
  #sha: Uint8Array = new Uint8Array();
  /** Bytes of a chunk that are taken, for a device that takes fewer than it is given. */
  acceptBytesMax = Number.POSITIVE_INFINITY;
  /** Says so with the last byte, where set. */
  match: boolean | undefined;

  /** What a reset makes of it. */
  forget(): void {
    this.offset = undefined;
  }

  take(body: Map<string, CborValue>): CborMap {
    const off = body.get('off') as number;
    const data = body.get('data') as Uint8Array;
    if (off === 0) {
      const sha = body.get('sha') as Uint8Array;
      if (this.offset !== undefined && equalBytes(sha, this.#sha)) return new Map([['off', this.offset]]);
      this.begun++;
      this.#length = body.get('len') as number;
      this.#sha = sha;
      this.flash = new Uint8Array(this.#length).fill(0xff);
      this.offset = 0;
    }
    if (this.offset === undefined) return new Map([['off', 0]]);
    if (off !== this.offset) return new Map([['off', this.offset]]);
    const taken = data.subarray(0, this.acceptBytesMax);
    this.flash.set(taken, off);
    this.offset += taken.length;
    const answer = new Map<string, CborValue>([['off', this.offset]]);
    if (this.offset === this.#length) {
      this.finished++;
      this.whole = this.flash.slice();
      if (this.match !== undefined) answer.set('match', this.match);
      this.offset = undefined;
    }
    return answer;
  }
}

export function scriptedWorld(script: Script, faults?: LinkFaults & { random: SeededRandom }) {
  const clock = new VirtualClock();
  return { clock, link: new ScriptedLink(script, clock, faults) };
}
