export type { Addressing } from './addresses.ts';
export { dtcText, readObdDtcs } from './dtc.ts';
export type { ObdCounters, ObdEvent } from './events.ts';
export { type ParameterField, rawOf } from './field.ts';
export { type Parameter, parameterBytes, parameterTable } from './parameter-table.ts';
export {
  type ParameterData,
  type ParameterValue,
  parameterValues,
  splitAnswer,
  supportedNumbers,
} from './parameter-values.ts';
export { type ClearOutcome, ObdPoller, type ObdPollerOptions } from './poller.ts';
export { defaultObdSettings, type ObdSettings, type PollItem } from './settings.ts';
export { inspectVin, type VinInspection, vinCheckDigit } from './vin.ts';
export { chooseVin, type VinReading } from './vin-choice.ts';
export { defaultVoltage, type VoltageSettings } from './voltage-gate.ts';
