/** What an SMP server needs of the device it speaks for. Tests, simulations and the Miner give real ones. */
import type { ImageManagement } from '../boot/index.ts';

/** The running firmware, or the boot loader that waits for an image. */
export type SmpPersonality = 'application' | 'serial-recovery';

/** Counters by group, in the order they are shown. Values are whole and not negative. */
export type SmpStatistics = () => ReadonlyMap<string, ReadonlyMap<string, number | bigint>>;

/** Refuses with a SmpRefusal of the settings group. */
export interface SmpSettings {
  /** @returns undefined where there is no such setting */
  read(name: string): Uint8Array | undefined;
  /** Holds until the next reset, unless saved. */
  write(name: string, value: Uint8Array): void;
  delete(name: string): void;
  /** Makes written values take effect. */
  commit(): void;
  /** Takes the stored values again. */
  load(): void;
  /** Stores one setting, or a whole subtree, or all. */
  save(name?: string): void;
}

/** Files by absolute path. Refuses with a SmpRefusal of the file group. */
export interface SmpFiles {
  size(path: string): number;
  /** At most so many bytes, fewer at the end. */
  read(path: string, offset: number, bytesMax: number): Uint8Array;
  /** Creates the file, or empties it, for so many bytes. Left out where nothing may be written. */
  create?(path: string, lengthBytes: number): void;
  append?(path: string, bytes: Uint8Array): void;
}

/** The device's wall clock; edge/sim's DeviceClock is one. */
export interface SmpWallClock {
  /** Unix time in milliseconds, or undefined while the device does not know it. */
  unixMs(): number | undefined;
  setUnixMs(unixMs: number): void;
}

/** Answers to `uname`. */
export interface SmpInfo {
  kernelName: string;
  nodeName: string;
  kernelRelease: string;
  kernelVersion: string;
  /** Left out where the build does not know it. */
  buildDateTime?: string;
  machine: string;
  processor: string;
  hardwarePlatform: string;
  operatingSystem: string;
}

/** MCUboot's modes, as the bootloader information names them. */
export const BootloaderMode = {
  unknown: -1,
  singleApplication: 0,
  swapUsingScratch: 1,
  overwriteOnly: 2,
  swapUsingMove: 3,
  directXip: 4,
  directXipWithRevert: 5,
  ramLoader: 6,
  firmwareLoader: 7,
  singleApplicationRamLoad: 8,
  swapUsingOffset: 9,
} as const;

export interface SmpBootloader {
  name: string;
  mode: (typeof BootloaderMode)[keyof typeof BootloaderMode];
  noDowngrade?: boolean;
}

export interface SmpTask {
  name: string;
  /** Lower is more urgent. */
  priority: number;
  id: number;
  state: number;
  /** Four-byte words, as in the protocol. */
  stackUsedWords?: number;
  stackSizeWords?: number;
  contextSwitches?: number;
  runtimeMs?: number;
}

export interface SmpMemoryPool {
  name: string;
  blockBytes: number;
  blocks: number;
  blocksFree: number;
  blocksFreeLeast: number;
}

/** What the device offers; a command whose part is missing answers that it is not supported. */
export interface SmpDevice {
  info?: SmpInfo;
  bootloader?: SmpBootloader;
  tasks?: () => readonly SmpTask[];
  memoryPools?: () => readonly SmpMemoryPool[];
  clock?: SmpWallClock;
  reset?: SmpReset;
  /** Its MinerErrors are answered with the image group's errors. */
  images?: ImageManagement;
  statistics?: SmpStatistics;
  settings?: SmpSettings;
  files?: SmpFiles;
  eraseStorage?: () => void;
}

export interface SmpReset {
  /** Whether the device can go down now: not in the middle of a swap, say. Never asked when the client insists. */
  allowed?(): boolean;
  /** Called once the answer had time to leave, with what the client wants to meet afterwards. */
  now(next: SmpPersonality): void;
}
