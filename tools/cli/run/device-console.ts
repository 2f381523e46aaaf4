/** A device's console: one serial line for text and for SMP, open over any number of resets. */
import { MinerError } from '../../../edge/errors/index.ts';
import type { Clock } from '../../../edge/sim/index.ts';
import { ConsoleSmp, type SmpServer } from '../../../edge/smp/index.ts';
import { type Reconnecting, reconnecting, type Transport } from '../../../edge/transport/index.ts';
import { transportOpener } from '../../../edge/transport/node.ts';
import type { EventLog } from '../../logging/index.ts';
import { pause } from './open-port.ts';

const retryMs = 1000;

/** What answers on the console between two resets. */
export interface ConsoleUser {
  server: SmpServer;
  /** Somebody pressed Enter. */
  onEnter(): void;
}

export class DeviceConsole {
  readonly #events: EventLog;
  readonly #closing = new AbortController();
  readonly #open: ReturnType<typeof transportOpener>;
  #line: Reconnecting | undefined;
  #transport: Transport | undefined;
  #smp: ConsoleSmp | undefined;
  #user: ConsoleUser | undefined;

  /**
   * Opens it, and again whenever it went away; a console that is not there keeps nothing from running.
   * @param spec as of `--port`
   * @throws {MinerError} TRANSPORT_SPEC
   */
  constructor(spec: string, { clock, events }: { clock: Clock; events: EventLog }) {
    this.#events = events;
    const onWaiting = (path: string) =>
      events.write({ level: 'info', event: 'console', text: `console at ${path}`, facts: { path } });
    this.#open = transportOpener(spec, { onWaiting });
    void this.#keepOpen(clock);
  }

  async #keepOpen(clock: Clock): Promise<void> {
    const onDown = (error: MinerError) => this.#wentDown(error);
    while (!this.#closing.signal.aborted) {
      try {
        const line = await reconnecting(() => this.#open(), { clock, onUp: (port) => this.#cameUp(port), onDown });
        this.#line = line;
        if (this.#closing.signal.aborted) await line.close();
        return;
      } catch (error) {
        if (!(error instanceof MinerError)) throw error;
        if (!this.#closing.signal.aborted) onDown(error);
        await pause(retryMs, this.#closing.signal);
      }
    }
  }

  /** From now on this answers: the firmware of this boot. Undefined while a boot loader runs. */
  attach(user: ConsoleUser | undefined): void {
    this.#user = user;
    this.#serve();
  }

  /** Text that finds no console is left out. */
  writeLine(text: string): void {
    const line = `${text.replaceAll('\n', '\r\n')}\r\n`;
    if (this.#smp) this.#smp.writeText(line);
    else void this.#transport?.write(new TextEncoder().encode(line)).catch(() => {});
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#open.close?.();
    await this.#line?.close();
  }

  #cameUp(transport: Transport): void {
    this.#transport = transport;
    this.#events.over('console-down');
    this.#serve();
  }

  #wentDown(error: MinerError): void {
    this.#transport = undefined;
    this.#smp = undefined;
    const text = `console: ${error.message}`;
    this.#events.write({ level: 'warn', event: 'console-down', text, facts: { error }, repeatKey: 'console-down' });
  }

  #serve(): void {
    const transport = this.#transport;
    this.#smp = undefined;
    if (!transport) return;
    if (!this.#user) {
      transport.onData(() => {});
      return;
    }
    const { server, onEnter } = this.#user;
    this.#smp = new ConsoleSmp({
      transport,
      server,
      onText: (bytes) => {
        if (bytes.includes(0x0a) || bytes.includes(0x0d)) onEnter();
      },
    });
  }
}
