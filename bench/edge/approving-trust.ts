import type { DecoderStanding, DeviceStanding, TrustView } from '../../edge/trust/index.ts';

/** A chain on which everything is listed, enrolled and licensed: a benchmark asks it, and is not to wait for one. */
export const approvingTrust: TrustView = {
  chainId: 137,
  minerRegistry: new Uint8Array(20).fill(2),
  decoder: async (): Promise<DecoderStanding> => ({ state: 'listed', index: 1, active: true }),
  device: async (): Promise<DeviceStanding> => ({
    state: 'active',
    manufacturerId: 1n,
    licence: 'active',
    effective: true,
  }),
};
