/** The settings of a Miner that SMP reads and writes: those of its image until others are stored in its flash. */
import type { FirmwareManifest } from '../../../edge/firmware/index.ts';
import type { FlashSettings } from '../../../edge/flash/index.ts';
import type { MinerSettings } from '../../../edge/miner.ts';
import { DeviceSettings, type NumberSetting } from '../../../edge/smp/index.ts';

const ranges = {
  'sampling/interval_ms_min': [0, 3_600_000],
  'sampling/interval_ms_max': [0, 86_400_000],
  'pack/interval_ms': [100, 3_600_000],
  'pack/samples_max': [1, 2 ** 20],
  'trust/interval_ms': [500, 86_400_000],
} as const;
type SettingName = keyof typeof ranges;

export interface FirmwareSettings {
  smp: DeviceSettings<SettingName>;
  /** As they stand. */
  now(): MinerSettings;
}

/**
 * @param usual what holds where the image says nothing
 * @param onChange written settings are to take effect
 */
export function firmwareSettings(
  usual: MinerSettings,
  manifest: FirmwareManifest,
  store: FlashSettings,
  onChange: (settings: MinerSettings) => void,
): FirmwareSettings {
  const ofImage = { ...usual, ...manifest.settings };
  const initial: Record<SettingName, number> = {
    'sampling/interval_ms_min': ofImage.sampling.intervalMsMin,
    'sampling/interval_ms_max': ofImage.sampling.intervalMsMax,
    'pack/interval_ms': ofImage.packIntervalMs,
    'pack/samples_max': ofImage.packSamplesMax,
    'trust/interval_ms': ofImage.trustIntervalMs,
  };
  const definitions = Object.fromEntries(
    Object.entries(ranges).map(([name, [minimum, maximum]]) => {
      return [name, { initial: initial[name as SettingName], minimum, maximum }];
    }),
  ) as Record<SettingName, NumberSetting>;
  const settingsOf = (values: Readonly<Record<SettingName, number>>): MinerSettings => ({
    ...ofImage,
    sampling: {
      intervalMsMin: values['sampling/interval_ms_min'],
      // One is written after the other.
      intervalMsMax: Math.max(values['sampling/interval_ms_min'], values['sampling/interval_ms_max']),
    },
    packIntervalMs: values['pack/interval_ms'],
    packSamplesMax: values['pack/samples_max'],
    trustIntervalMs: values['trust/interval_ms'],
  });
  const smp = new DeviceSettings({ definitions, store, onCommit: (values) => onChange(settingsOf(values)) });
  return { smp, now: () => settingsOf(smp.values) };
}
