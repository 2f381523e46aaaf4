/** Group 3: settings by name, as bytes. */
import type { SmpBody } from '../cbor-read.ts';
import type { SmpCommandGroup } from '../command.ts';
import { SettingsCommand, SettingsError, SmpError, SmpGroup } from '../protocol.ts';
import { refuse, SmpRefusal } from '../refusal.ts';
import type { SmpSettings } from '../types.ts';

export interface SettingsGroupOptions {
  settings: SmpSettings;
  nameBytesMax: number;
  valueBytesMax: number;
}

export function settingsGroup({ settings, nameBytesMax, valueBytesMax }: SettingsGroupOptions): SmpCommandGroup {
  const nameOf = (body: SmpBody): string => {
    const name = body.text('name');
    if (!name) throw refuse(SmpError.invalid);
    if (new TextEncoder().encode(name).length > nameBytesMax) {
      throw new SmpRefusal(SmpGroup.settings, SettingsError.keyTooLong);
    }
    return name;
  };
  return {
    id: SmpGroup.settings,
    name: 'settings mgmt',
    commands: {
      [SettingsCommand.readWrite]: {
        read: ({ body }) => {
          const name = nameOf(body);
          const asked = body.unsigned('max_size') ?? valueBytesMax;
          const value = settings.read(name);
          if (value === undefined) throw new SmpRefusal(SmpGroup.settings, SettingsError.keyNotFound);
          return {
            val: value.subarray(0, Math.min(asked, valueBytesMax)),
            // Says so where the client would have taken more than it can get.
            max_size: asked > valueBytesMax ? valueBytesMax : undefined,
          };
        },
        write: ({ body }) => {
          const name = nameOf(body);
          const value = body.bytes('val') ?? new Uint8Array();
          if (value.length > valueBytesMax) throw refuse(SmpError.invalid);
          // A view into the request's buffer would change with the next one.
          settings.write(name, value.slice());
          return {};
        },
      },
      [SettingsCommand.delete]: {
        write: ({ body }) => {
          settings.delete(nameOf(body));
          return {};
        },
      },
      [SettingsCommand.commit]: {
        write: () => {
          settings.commit();
          return {};
        },
      },
      [SettingsCommand.loadSave]: {
        read: () => {
          settings.load();
          return {};
        },
        write: ({ body }) => {
          if (body.text('name') === undefined) settings.save();
          else settings.save(nameOf(body));
          return {};
        },
      },
    },
  };
}
