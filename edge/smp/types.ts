/** What an SMP server needs of the device it speaks for. Tests, simulations and the Miner give real ones. */

/** One occupied slot, as the image group reports it. */
export interface SmpSlotState {
  slot: number;
  /** As MCUboot's tools write it: `1.2.3`, or `1.2.3.4` with a build number. */
  version: string;
  /** SHA-256 from the image's tag-length-values. */
  hash: Uint8Array;
  bootable: boolean;
  pending: boolean;
  confirmed: boolean;
  active: boolean;
  permanent: boolean;
}

export interface SmpSlotInfo {
  slot: number;
  sizeBytes: number;
}

/** The longest image that an upload can take, beside the slots. */
export interface SmpSlotsInfo {
  slots: readonly SmpSlotInfo[];
  imageBytesMax: number;
}

/** An upload that was begun: what the device remembers of it, over a reset where it can. */
export interface SmpUploadStatus {
  slot: number;
  lengthBytes: number;
  /** As the client gave it: whole, trimmed, or empty. */
  sha: Uint8Array;
  /** Bytes that are in flash: where to go on. */
  offset: number;
}

/**
 * The slots of one image. Its methods refuse with a SmpGroupError of the image group, or throw what the flash throws,
 * which the server reports as a failed write, erase or read.
 */
export interface SmpImages {
  /** The occupied slots, ascending. */
  state(): readonly SmpSlotState[];
  slotInfo(): SmpSlotsInfo;
  /** The slot that an upload fills unless told. */
  readonly uploadSlot: number;
  /** Refused while the slot is in use: active, pending, or needed for a revert. */
  erase(slot: number): void;
  /** The upload that can go on, if any. */
  upload(): SmpUploadStatus | undefined;
  /** Begins anew, giving up the upload before; erases what it must. */
  beginUpload(upload: Omit<SmpUploadStatus, 'offset'>): void;
  /** The next bytes of the upload; afterwards they are in flash. */
  write(bytes: Uint8Array): void;
  /**
   * The last byte was written.
   * @returns whether the bytes in flash match the SHA-256 that began the upload, or undefined without a whole one
   */
  finishUpload(): boolean | undefined;
  /** Chooses the image that boots next: on trial, or for good. The active one can only be confirmed. */
  setNext(slot: number, permanent: boolean): void;
}

/** Counters by group, in the order they are shown. Values are whole and not negative. */
export type SmpStatistics = () => ReadonlyMap<string, ReadonlyMap<string, number | bigint>>;

/** Refuses with a SmpGroupError of the settings group. */
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

/** Files by absolute path. Refuses with a SmpGroupError of the file group. */
export interface SmpFiles {
  size(path: string): number;
  /** At most so many bytes, fewer at the end. */
  read(path: string, offset: number, bytesMax: number): Uint8Array;
  /** Creates the file, or empties it. Left out where nothing may be written. */
  create?(path: string): void;
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
  /** Called after the answer had time to leave; a device that cannot go down now refuses with an SmpRefusal. */
  reset?: SmpReset;
  images?: SmpImages;
  statistics?: SmpStatistics;
  settings?: SmpSettings;
  files?: SmpFiles;
  eraseStorage?: () => void;
}

export interface SmpReset {
  /** Whether it may be reset now; with `force` it must be. @returns false for busy */
  allowed?(force: boolean): boolean;
  now(): void;
}
