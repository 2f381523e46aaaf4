/** Which signals can be anything but ok, so that the others needn't be asked row by row. */
import { canLeaveRange, type PlanMessage, type PlanSignal } from '../../../edge/decode/index.ts';

/** Whether its status may be something else than ok in a frame that is long enough for it. */
export function canBeTold(signal: PlanSignal, message: PlanMessage): boolean {
  return (
    canLeaveRange(signal) || message.j1939 || message.signals.some(({ selectorSlot }) => selectorSlot === signal.slot)
  );
}
