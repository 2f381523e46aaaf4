/**
 * Parameters of OBD service 01: numbers, lengths and formulas as SAE J1979-DA (ISO 15031-5) gives them; names in our
 * words, fit for a signal of a DBC.
 */
import { bitsOf, byte, celsius, choice, type ParameterField, percent, signedWord, trim, word } from './field.ts';
import { fuelSystemStatus, fuelType, obdStandard, secondaryAirStatus } from './parameter-labels.ts';

export interface Parameter {
  pid: number;
  /** Data bytes in the answer, after the parameter's number. */
  bytes: number;
  fields: readonly ParameterField[];
}

const oxygenSensors = [1, 2, 3, 4, 5, 6, 7, 8];

const entries: [pid: number, bytes: number, ...fields: ParameterField[]][] = [
  [0x01, 4, bitsOf('MalfunctionLamp', 0, 7, 1), bitsOf('DtcCount', 0, 6, 7)],
  [0x03, 2, choice('FuelSystem1Status', fuelSystemStatus), choice('FuelSystem2Status', fuelSystemStatus, 1)],
  [0x04, 1, percent('CalculatedLoad')],
  [0x05, 1, celsius('CoolantTemperature')],
  [0x06, 1, trim('ShortTermFuelTrim1')],
  [0x07, 1, trim('LongTermFuelTrim1')],
  [0x08, 1, trim('ShortTermFuelTrim2')],
  [0x09, 1, trim('LongTermFuelTrim2')],
  [0x0a, 1, byte('FuelPressure', 'kPa', 3)],
  [0x0b, 1, byte('IntakeManifoldPressure', 'kPa')],
  [0x0c, 2, word('EngineSpeed', 'rpm', 0.25)],
  [0x0d, 1, byte('VehicleSpeed', 'km/h')],
  [0x0e, 1, byte('TimingAdvance', 'deg', 0.5, -64)],
  [0x0f, 1, celsius('IntakeAirTemperature')],
  [0x10, 2, word('MassAirFlow', 'g/s', 0.01)],
  [0x11, 1, percent('ThrottlePosition')],
  [0x12, 1, choice('SecondaryAirStatus', secondaryAirStatus)],
  [0x13, 1, byte('OxygenSensorsPresent2Banks', '')],
  ...oxygenSensors.map((n): [number, number, ...ParameterField[]] => [
    0x13 + n,
    2,
    byte(`OxygenSensor${n}Voltage`, 'V', 0.005),
    trim(`OxygenSensor${n}FuelTrim`, 1),
  ]),
  [0x1c, 1, choice('ObdStandard', obdStandard)],
  [0x1d, 1, byte('OxygenSensorsPresent4Banks', '')],
  [0x1e, 1, bitsOf('PowerTakeOffActive', 0, 0, 1)],
  [0x1f, 2, word('RunTime', 's')],
  [0x21, 2, word('DistanceWithLampOn', 'km')],
  [0x22, 2, word('FuelRailPressureToManifold', 'kPa', 0.079)],
  [0x23, 2, word('FuelRailPressure', 'kPa', 10)],
  ...oxygenSensors.map((n): [number, number, ...ParameterField[]] => [
    0x23 + n,
    4,
    word(`WideSensor${n}Ratio`, '', 2 / 65536),
    word(`WideSensor${n}Voltage`, 'V', 8 / 65536, 0, 2),
  ]),
  [0x2c, 1, percent('CommandedEgr')],
  [0x2d, 1, trim('EgrError')],
  [0x2e, 1, percent('CommandedEvaporativePurge')],
  [0x2f, 1, percent('FuelLevel')],
  [0x30, 1, byte('WarmUpsSinceClear', '')],
  [0x31, 2, word('DistanceSinceClear', 'km')],
  [0x32, 2, signedWord('EvaporativeVaporPressure', 'Pa', 0.25)],
  [0x33, 1, byte('BarometricPressure', 'kPa')],
  ...oxygenSensors.map((n): [number, number, ...ParameterField[]] => [
    0x33 + n,
    4,
    word(`WideCurrentSensor${n}Ratio`, '', 2 / 65536),
    word(`WideCurrentSensor${n}Current`, 'mA', 1 / 256, -128, 2),
  ]),
  [0x3c, 2, word('CatalystTemperatureBank1Sensor1', 'degC', 0.1, -40)],
  [0x3d, 2, word('CatalystTemperatureBank2Sensor1', 'degC', 0.1, -40)],
  [0x3e, 2, word('CatalystTemperatureBank1Sensor2', 'degC', 0.1, -40)],
  [0x3f, 2, word('CatalystTemperatureBank2Sensor2', 'degC', 0.1, -40)],
  [0x42, 2, word('ControlModuleVoltage', 'V', 0.001)],
  [0x43, 2, word('AbsoluteLoad', '%', 100 / 255)],
  [0x44, 2, word('CommandedAirFuelRatio', '', 2 / 65536)],
  [0x45, 1, percent('RelativeThrottlePosition')],
  [0x46, 1, celsius('AmbientTemperature')],
  [0x47, 1, percent('ThrottlePositionB')],
  [0x48, 1, percent('ThrottlePositionC')],
  [0x49, 1, percent('AcceleratorPositionD')],
  [0x4a, 1, percent('AcceleratorPositionE')],
  [0x4b, 1, percent('AcceleratorPositionF')],
  [0x4c, 1, percent('CommandedThrottle')],
  [0x4d, 2, word('RunTimeWithLampOn', 'min')],
  [0x4e, 2, word('TimeSinceClear', 'min')],
  [0x50, 4, byte('MassAirFlowMax', 'g/s', 10)],
  [0x51, 1, choice('FuelType', fuelType)],
  [0x52, 1, percent('EthanolContent')],
  [0x53, 2, word('EvaporativePressureAbsolute', 'kPa', 0.005)],
  [0x54, 2, signedWord('EvaporativePressure', 'Pa')],
  [0x55, 2, trim('ShortTermSecondaryTrim1'), trim('ShortTermSecondaryTrim3', 1)],
  [0x56, 2, trim('LongTermSecondaryTrim1'), trim('LongTermSecondaryTrim3', 1)],
  [0x57, 2, trim('ShortTermSecondaryTrim2'), trim('ShortTermSecondaryTrim4', 1)],
  [0x58, 2, trim('LongTermSecondaryTrim2'), trim('LongTermSecondaryTrim4', 1)],
  [0x59, 2, word('FuelRailPressureAbsolute', 'kPa', 10)],
  [0x5a, 1, percent('RelativeAcceleratorPosition')],
  [0x5b, 1, percent('HybridBatteryRemaining')],
  [0x5c, 1, celsius('EngineOilTemperature')],
  [0x5d, 2, word('FuelInjectionTiming', 'deg', 1 / 128, -210)],
  [0x5e, 2, word('FuelRate', 'L/h', 0.05)],
  [0x61, 1, byte('DemandedTorque', '%', 1, -125)],
  [0x62, 1, byte('ActualTorque', '%', 1, -125)],
  [0x63, 2, word('ReferenceTorque', 'Nm')],
  [0xa6, 4, { name: 'Odometer', unit: 'km', at: 0, bits: 32, scale: 0.1, offset: 0 }],
];

/** By number. */
export const parameterTable: ReadonlyMap<number, Parameter> = new Map(
  entries.map(([pid, bytes, ...fields]) => [pid, { pid, bytes, fields }]),
);

/** The parameters whose values say which of the next 32 there are, each of four bytes. */
export function isSupportMask(pid: number): boolean {
  return pid % 32 === 0 && pid <= 0xe0;
}

/** Data bytes of a parameter, or undefined for one that is not in the table. */
export function parameterBytes(pid: number): number | undefined {
  return isSupportMask(pid) ? 4 : parameterTable.get(pid)?.bytes;
}
