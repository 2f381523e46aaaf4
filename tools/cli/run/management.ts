/** What a Miner answers over SMP: its own images, counters, settings, log and clock. */
import type { ImageManagement } from '../../../edge/boot/index.ts';
import { toHex } from '../../../edge/pack/index.ts';
import type { Clock } from '../../../edge/sim/index.ts';
import {
  BootloaderMode,
  countersOf,
  SmpServer,
  type SmpSettings,
  type SmpWallClock,
  StorageFiles,
} from '../../../edge/smp/index.ts';
import { processInfo, processMemoryPools, processTasks } from '../../../edge/smp/node.ts';
import type { EventLog } from '../../logging/index.ts';
import type { RunningMiner } from './start-miner.ts';

export interface ManagementOptions {
  running: RunningMiner;
  /** Of the booted image. */
  version: string;
  images: ImageManagement;
  settings: SmpSettings;
  clock: Clock & SmpWallClock;
  events: EventLog;
  /** Forgets the stored settings. */
  eraseStorage: () => void;
  reset: () => void;
}

export function minerServer(options: ManagementOptions): SmpServer {
  const { running, version, images, settings, clock, events, eraseStorage, reset } = options;
  const { miner, packs, watch, storage } = running;
  const server: SmpServer = new SmpServer({
    clock,
    device: {
      info: processInfo(version),
      bootloader: { name: 'MCUboot', mode: BootloaderMode.swapUsingOffset, noDowngrade: true },
      tasks: processTasks,
      memoryPools: processMemoryPools(),
      clock,
      reset: { now: reset },
      images,
      settings,
      eraseStorage,
      files: new StorageFiles({ folders: { '/log': storage } }),
      statistics: countersOf({
        can: () => miner.counters,
        serial: () => watch.snapshot().link.counters,
        log: () => ({ ...packs.status, receipted: packs.receipted, waiting: packs.waitingCount }),
        uplink: () => miner.outbox?.status ?? {},
        smp: () => server.counters,
      }),
    },
    onEvent: (event) => {
      if (event.event === 'failed') {
        const { peer, problem } = event;
        const text = `${peer}: ${problem.message}`;
        events.write({ level: 'warn', event: 'management-failed', text, facts: { peer, error: problem } });
      } else if (event.event === 'uploaded') {
        const hash = toHex(event.hash);
        const text = `image ${event.version} uploaded: ${hash.slice(0, 16)}…`;
        events.write({ level: 'info', event: 'image-uploaded', text, facts: { version: event.version, hash } });
      }
    },
  });
  return server;
}
