/** Everything that can go wrong, by name. What each does stands in faults.ts. */
export const faultKinds = [
  // power and storage
  'power-cut',
  'recovery-cut',
  'power-off',
  'bit-flip',
  'bad-block',
  'disk-full',
  'sync-error',
  'write-error',
  'read-error',
  // the serial line
  'line-drop',
  'line-duplicate',
  'line-split',
  'line-flip',
  'line-stall',
  'hang-up',
  'unplug',
  // the bus
  'error-frames',
  'bus-off',
  'babbling-node',
  'overrun',
  // time
  'clock-absent',
  'clock-step',
  'clock-drift',
  // the uplink
  'broker-kill',
  'loss',
  'duplication',
  'reordering',
  'gateway-silent',
  'stale-receipt',
  'forged-receipt',
  'foreign-receipt',
  'garbage',
  // trust
  'licence-suspended',
  'node-down',
  'node-flapping',
  'node-lagging',
  'trust-expired',
  'decoder-suspended',
  'decoder-revoked',
] as const;

export type FaultKind = (typeof faultKinds)[number];
