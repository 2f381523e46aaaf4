/** What a Miner that is a process of this machine says of itself. Node only. */
import { arch, cpus, hostname, platform } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { SmpInfo, SmpMemoryPool, SmpTask } from './types.ts';

const blockBytes = 1024;

/** @param version of the running firmware */
export function processInfo(version: string, buildDateTime?: string): SmpInfo {
  return {
    kernelName: 'dimo-miner',
    nodeName: hostname(),
    kernelRelease: version,
    kernelVersion: `node ${process.versions.node}`,
    ...(buildDateTime !== undefined && { buildDateTime }),
    machine: arch(),
    processor: cpus()[0]?.model ?? 'unknown',
    hardwarePlatform: platform(),
    operatingSystem: 'dimo-miner',
  };
}

/** The one thread that does the work. */
export function processTasks(): readonly SmpTask[] {
  const { user, system } = process.cpuUsage();
  const { voluntaryContextSwitches, involuntaryContextSwitches } = process.resourceUsage();
  return [
    {
      name: 'main',
      priority: 0,
      id: process.pid,
      state: 0,
      runtimeMs: (user + system) / 1000,
      contextSwitches: voluntaryContextSwitches + involuntaryContextSwitches,
    },
  ];
}

/** JavaScript's heap in blocks of 1 KiB: as large as it may get; the least is that of the times it was asked for. */
export function processMemoryPools(): () => readonly SmpMemoryPool[] {
  let freeLeast = Number.POSITIVE_INFINITY;
  return () => {
    const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
    const blocksFree = Math.floor((limit - used) / blockBytes);
    freeLeast = Math.min(freeLeast, blocksFree);
    const blocks = Math.floor(limit / blockBytes);
    return [{ name: 'heap', blockBytes, blocks, blocksFree, blocksFreeLeast: freeLeast }];
  };
}
