/** Carries out commands, and reads them from lines. */
import type { MinerError } from '../../edge/errors/index.ts';
import { parseVehicleCommand, type VehicleCommand } from './commands.ts';
import type { Vehicle, VehicleEvent } from './vehicle.ts';

/** @param tell takes what the command asks to be told @throws {MinerError} of Vehicle.plug */
export async function obey(
  vehicle: Vehicle,
  command: VehicleCommand,
  tell: (event: VehicleEvent) => void,
): Promise<void> {
  switch (command.name) {
    case 'start':
      return vehicle.start();
    case 'stop':
      return vehicle.stop();
    case 'pause':
      return vehicle.control.pause();
    case 'resume':
      return vehicle.control.resume();
    case 'step':
      return vehicle.control.step(command.frames);
    case 'plug':
      return vehicle.plug();
    case 'unplug':
      return vehicle.unplug(command.durationMs);
    case 'stall':
      return vehicle.stall(command.durationMs);
    case 'garbage':
      return vehicle.garbage(command.bytes);
    case 'babble':
      return vehicle.babble(command.id, command.durationMs);
    case 'error':
      return vehicle.busError(command.kind);
    case 'active':
    case 'warning':
    case 'passive':
      return vehicle.setErrorState(command.name);
    case 'bus-off':
      return vehicle.busOff(command.durationMs);
    case 'status':
      return tell({ event: 'status', ...vehicle.status() });
    case 'help':
      return tell({ event: 'help' });
    case 'close':
      return vehicle.close();
  }
}

/**
 * One line from a keyboard or a parent process. While the vehicle is paused an empty line is one step; else it is
 * nothing.
 * @param refused takes VEHICLE_COMMAND, and what `plug` may fail with: a mistyped line ends nothing
 */
export async function obeyLine(vehicle: Vehicle, line: string, refused: (problem: MinerError) => void): Promise<void> {
  try {
    if (line.trim() !== '') await vehicle.obey(parseVehicleCommand(line));
    else if (vehicle.control.isPaused) vehicle.control.step(1);
  } catch (problem) {
    refused(problem as MinerError);
  }
}
