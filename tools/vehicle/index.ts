export { type BusErrorKind, busErrorBits, busErrorKinds } from './bus-errors.ts';
export {
  commandsHelp,
  commandsLine,
  type PlannedCommand,
  parseFaultPlan,
  parseVehicleCommand,
  type VehicleCommand,
  vehicleCommands,
} from './commands.ts';
export { isInBackground, readCommands } from './console.ts';
export { DriveModel, type DriveState } from './drive-model.ts';
export { type DriveOptions, driveFrames, messagesLeftOut } from './drive-source.ts';
export { obeyLine } from './obey.ts';
export { PlayControl } from './play-control.ts';
export { type FrameSink, type FrameSource, type PlayOptions, play } from './player.ts';
export {
  electricCarDbc,
  runVehicle,
  type Vehicle,
  type VehicleCounters,
  type VehicleEvent,
  type VehicleOptions,
  type VehicleStatus,
} from './vehicle.ts';
