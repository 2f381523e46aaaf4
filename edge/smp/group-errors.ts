/** What an error of a group becomes for a client of version 1, which knows only those all groups share. */
import {
  EnumerationError,
  FileError,
  ImageError,
  OsError,
  SettingsError,
  SmpError,
  SmpGroup,
  StatisticsError,
  ZephyrBasicError,
} from './protocol.ts';

const { invalid, noEntry, badState, noMemory } = SmpError;

const translations: Readonly<Record<number, Readonly<Record<number, SmpError>>>> = {
  [SmpGroup.os]: {
    [OsError.invalidFormat]: invalid,
    [OsError.queryYieldsNoAnswer]: noEntry,
    [OsError.clockNotSet]: noEntry,
  },
  [SmpGroup.image]: {
    [ImageError.noImage]: noEntry,
    [ImageError.noTlvs]: noEntry,
    [ImageError.noFreeSlot]: badState,
    [ImageError.currentVersionIsNewer]: badState,
    [ImageError.imageAlreadyPending]: badState,
    [ImageError.noFreeMemory]: noMemory,
    [ImageError.invalidSlot]: invalid,
    [ImageError.invalidPageOffset]: invalid,
    [ImageError.invalidOffset]: invalid,
    [ImageError.invalidLength]: invalid,
    [ImageError.invalidImageHeader]: invalid,
    [ImageError.invalidImageHeaderMagic]: invalid,
    [ImageError.invalidHash]: invalid,
    [ImageError.invalidFlashAddress]: invalid,
  },
  [SmpGroup.statistics]: {
    [StatisticsError.invalidGroup]: noEntry,
    [StatisticsError.invalidName]: noEntry,
    [StatisticsError.invalidSize]: invalid,
  },
  [SmpGroup.settings]: {
    [SettingsError.keyTooLong]: invalid,
    [SettingsError.keyNotFound]: noEntry,
    [SettingsError.readNotSupported]: noEntry,
  },
  [SmpGroup.fileSystem]: {
    [FileError.invalidName]: invalid,
    [FileError.hashNotFound]: invalid,
    [FileError.notFound]: noEntry,
    [FileError.mountPointNotFound]: noEntry,
  },
  [SmpGroup.enumeration]: { [EnumerationError.tooManyEntries]: invalid },
  [SmpGroup.zephyrBasic]: { [ZephyrBasicError.flashOpenFailed]: noEntry },
};

/** @returns unknown where version 1 has no word for it */
export function sharedErrorOf(group: number, rc: number): SmpError {
  return translations[group]?.[rc] ?? SmpError.unknown;
}
