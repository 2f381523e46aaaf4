import type { Command } from 'commander';
import { registerBench } from './bench.ts';
import { registerBounty } from './bounty.ts';
import { registerChain } from './chain.ts';
import { registerCheckpoint } from './checkpoint.ts';
import { registerDbc } from './dbc.ts';
import { registerDemo } from './demo.ts';
import { registerDip } from './dip.ts';
import { registerEnrol } from './enrol.ts';
import { registerFlash } from './flash.ts';
import { registerGateway } from './gateway.ts';
import { registerImage } from './image.ts';
import { registerKey } from './key.ts';
import { registerLicence } from './licence.ts';
import { registerLog } from './log.ts';
import { registerPack } from './pack.ts';
import { registerReferral } from './referral.ts';
import { registerRewards } from './rewards.ts';
import { registerRun } from './run.ts';
import { registerSim } from './sim.ts';
import { registerVehicle } from './vehicle.ts';
import { registerWorkbench } from './workbench.ts';

/** In the order of the help: the main job first, then each user's own. */
export const commands: ((program: Command) => void)[] = [
  registerDemo,
  registerRun,
  registerVehicle,
  registerChain,
  registerCheckpoint,
  registerEnrol,
  registerGateway,
  registerDip,
  registerKey,
  registerBounty,
  registerLicence,
  registerRewards,
  registerReferral,
  registerDbc,
  registerLog,
  registerPack,
  registerImage,
  registerFlash,
  registerSim,
  registerBench,
  registerWorkbench,
];
