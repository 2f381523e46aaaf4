import type { RegistryAddresses } from '../../edge/trust/index.ts';
import type { Deployment } from './wiring.ts';

/** The registries of a deployment, as trust views name them. */
export function registriesOf({ addresses }: Deployment): RegistryAddresses {
  return {
    manufacturerRegistry: addresses.ManufacturerRegistry,
    minerRegistry: addresses.MinerRegistry,
    decoderRegistry: addresses.DecoderRegistry,
  };
}
