/** Group 63: erases the storage where settings lie. */
import { MinerError } from '../../errors/index.ts';
import type { SmpCommandGroup } from '../command.ts';
import { SmpGroup, ZephyrBasicCommand, ZephyrBasicError } from '../protocol.ts';
import { SmpRefusal } from '../refusal.ts';

export function zephyrBasicGroup(eraseStorage: () => void): SmpCommandGroup {
  return {
    id: SmpGroup.zephyrBasic,
    name: 'zephyr basic mgmt',
    commands: {
      [ZephyrBasicCommand.eraseStorage]: {
        write: () => {
          try {
            eraseStorage();
          } catch (problem) {
            if (!(problem instanceof MinerError)) throw problem;
            throw new SmpRefusal(SmpGroup.zephyrBasic, ZephyrBasicError.flashEraseFailed, problem);
          }
          return {};
        },
      },
    },
  };
}
