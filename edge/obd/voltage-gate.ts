/** Whether the car's battery allows questions: an engine or a charger holds it up, a parked car must not be drained. */
import type { Clock } from '../sim/index.ts';

export interface VoltageSettings {
  /** Opens at this voltage or above: something charges the battery. Default 13.0. */
  openVolts: number;
  /** Closes below this. Default 12.5. */
  closeVolts: number;
  /** Only after so long below: cranking, and alternators that rest, pull it down for a while. Default 30 s. */
  closeAfterMs: number;
}

export const defaultVoltage: VoltageSettings = { openVolts: 13, closeVolts: 12.5, closeAfterMs: 30_000 };

/** Voltages that a 12 or 24 V battery has; anything else is a sensor that lies. */
const plausibleVolts = { low: 5, high: 36 };

export class VoltageGate {
  readonly #clock: Clock;
  readonly #settings: VoltageSettings;
  #volts: number | undefined;
  #isOpen = false;
  #belowSinceMs: number | undefined;

  constructor(clock: Clock, settings: VoltageSettings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** The last voltage told; undefined before the first. */
  get volts(): number | undefined {
    return this.#volts;
  }

  /** `unknown` until a voltage was told; then open or closed. */
  get state(): 'unknown' | 'open' | 'closed' {
    if (this.#volts === undefined) return 'unknown';
    return this.#isOpen ? 'open' : 'closed';
  }

  /** Takes a reading. The first one opens only at `openVolts`: a rested battery stands above `closeVolts`. */
  note(volts: number): void {
    if (!(volts >= plausibleVolts.low && volts <= plausibleVolts.high)) return;
    const { openVolts, closeVolts, closeAfterMs } = this.#settings;
    const nowMs = this.#clock.nowMs();
    this.#volts = volts;
    if (volts >= closeVolts) this.#belowSinceMs = undefined;
    else this.#belowSinceMs ??= nowMs;
    if (volts >= openVolts) this.#isOpen = true;
    else if (this.#belowSinceMs !== undefined && nowMs - this.#belowSinceMs >= closeAfterMs) this.#isOpen = false;
  }
}
