import { defaultVoltage, type VoltageSettings } from './voltage-gate.ts';

export interface PollItem {
  /** Parameter of service 01. */
  pid: number;
  intervalMs: number;
}

export interface ObdSettings {
  /** `auto` tries 11-bit ids first, then 29-bit ones. */
  addressing: 'auto' | '11-bit' | '29-bit';
  /** What to ask for, and how often; those that the vehicle lacks are left out. */
  pids: readonly PollItem[];
  /** Parameters named in one request, 1 to 6. With more than one, answers are no frames that a DBC decodes. */
  pidsPerRequest: number;
  /** Questions of any kind, on average and at any moment. */
  requestsPerSecondMax: number;
  voltage: VoltageSettings;
  /** What to do where nothing tells the voltage, neither the adapter nor parameter 0x42. */
  withoutVoltage: 'ask' | 'wait';
  /** While the gate is closed: the first look at the voltage, and the rarest, doubling in between. */
  probeMs: { least: number; most: number };
  /** While no control unit answers: the same for looking for one. */
  searchMs: { least: number; most: number };
  /** Between two readings of the trouble codes; 0 reads none. */
  dtcIntervalMs: number;
  /** Ask for the VIN, calibration ids and names once each drive. */
  identify: boolean;
  /** Until an answer begins; see UdsTiming. */
  p2Ms: number;
  /** How long no question is asked after another tester was heard. */
  otherTesterMs: number;
}

/** About 4 requests a second in a car that has all of them. */
export const defaultObdSettings: ObdSettings = {
  addressing: 'auto',
  pids: [
    { pid: 0x0c, intervalMs: 1000 },
    { pid: 0x0d, intervalMs: 1000 },
    { pid: 0x04, intervalMs: 2000 },
    { pid: 0x11, intervalMs: 2000 },
    { pid: 0x10, intervalMs: 5000 },
    { pid: 0x5e, intervalMs: 5000 },
    { pid: 0x42, intervalMs: 10_000 },
    { pid: 0x05, intervalMs: 10_000 },
    { pid: 0x0f, intervalMs: 10_000 },
    { pid: 0x46, intervalMs: 30_000 },
    { pid: 0x5c, intervalMs: 30_000 },
    { pid: 0x2f, intervalMs: 30_000 },
    { pid: 0x5b, intervalMs: 30_000 },
    { pid: 0x33, intervalMs: 60_000 },
    { pid: 0x1f, intervalMs: 60_000 },
    { pid: 0xa6, intervalMs: 60_000 },
    { pid: 0x01, intervalMs: 60_000 },
    { pid: 0x51, intervalMs: 600_000 },
  ],
  pidsPerRequest: 1,
  requestsPerSecondMax: 10,
  voltage: defaultVoltage,
  withoutVoltage: 'ask',
  probeMs: { least: 10_000, most: 300_000 },
  searchMs: { least: 2000, most: 60_000 },
  dtcIntervalMs: 600_000,
  identify: true,
  p2Ms: 150,
  otherTesterMs: 30_000,
};
