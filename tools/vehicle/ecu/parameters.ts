/** What the emulated car says to OBD service 01: its state, in the bytes that SAE J1979 gives each parameter. */
import type { DriveState } from '../drive-model.ts';

/** What an ECU knows beside the car's state. */
export interface ParameterContext {
  state: DriveState;
  confirmedDtcs: number;
  /** Odometer when the trouble codes were cleared last, and when the lamp went on. */
  clearedAtKm: number;
  lampSinceKm: number | undefined;
}

type Parameter = (context: ParameterContext) => number[];

const motorTorqueNmMax = 295;

const byte = (value: number): number[] => [clamp(value, 0xff)];
const word = (value: number): number[] => {
  const whole = clamp(value, 0xffff);
  return [whole >> 8, whole & 0xff];
};
const percent = (value: number): number[] => byte((value * 255) / 100);
const celsius = (value: number): number[] => byte(value + 40);
const torquePercent = (state: DriveState): number => (100 * state.motorTorqueNm) / motorTorqueNmMax;

/** By parameter number. Those that say which others there are (0x00, 0x20, ...) follow from an ECU's list. */
export const parameters: ReadonlyMap<number, Parameter> = new Map<number, Parameter>([
  // Monitor status: the lamp and the number of codes; a car without an engine has no engine monitors.
  [0x01, ({ confirmedDtcs }) => [(confirmedDtcs > 0 ? 0x80 : 0) | Math.min(confirmedDtcs, 127), 0, 0, 0]],
  [0x04, ({ state }) => percent(Math.abs(torquePercent(state)))],
  [0x05, ({ state }) => celsius(state.motorCelsius)],
  [0x0c, ({ state }) => word(state.motorRpm * 4)],
  [0x0d, ({ state }) => byte(state.speedKmh)],
  [0x11, ({ state }) => percent(state.acceleratorPercent)],
  // EOBD.
  [0x1c, () => [0x06]],
  [0x1f, ({ state }) => word(state.timeMs / 1000)],
  [0x21, ({ state, lampSinceKm }) => word(lampSinceKm === undefined ? 0 : state.odometerKm - lampSinceKm)],
  [0x30, () => [1]],
  [0x31, ({ state, clearedAtKm }) => word(state.odometerKm - clearedAtKm)],
  [0x33, () => [101]],
  [0x41, () => [0, 0, 0, 0]],
  [0x42, ({ state }) => word(state.lowVolts * 1000)],
  [0x46, ({ state }) => celsius(state.outsideCelsius)],
  [0x49, ({ state }) => percent(state.acceleratorPercent)],
  // Electric.
  [0x51, () => [0x08]],
  [0x5b, ({ state }) => percent(state.chargePercent)],
  [0x61, ({ state }) => byte(torquePercent(state) + 125)],
  [0x62, ({ state }) => byte(torquePercent(state) + 125)],
  [0x63, () => word(motorTorqueNmMax)],
  [
    0xa6,
    ({ state }) => {
      const tenths = Math.round(state.odometerKm * 10);
      return [tenths >>> 24, (tenths >>> 16) & 0xff, (tenths >>> 8) & 0xff, tenths & 0xff];
    },
  ],
]);

/**
 * Which of the 32 numbers after `base` there are, a bit each, the first one highest; the last bit says that the next
 * such mask is worth asking for.
 */
export function supportMask(numbers: readonly number[], base: number): number[] {
  const mask = [0, 0, 0, 0];
  for (const number of numbers) {
    // Number 0x21 implies 0x20, which says so.
    const place = number > base + 32 ? 31 : number - base - 1;
    if (place >= 0) mask[place >> 3] |= 0x80 >> (place & 7);
  }
  return mask;
}

function clamp(value: number, maximum: number): number {
  return Math.min(maximum, Math.max(0, Math.round(value)));
}
