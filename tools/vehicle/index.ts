export { DriveModel, type DriveState } from './drive-model.ts';
export { type DriveOptions, driveFrames, messagesLeftOut } from './drive-source.ts';
export { type FrameSink, type FrameSource, type PlayOptions, play } from './player.ts';
export {
  electricCarDbc,
  runVehicle,
  type Vehicle,
  type VehicleCounters,
  type VehicleEvent,
  type VehicleOptions,
} from './vehicle.ts';
