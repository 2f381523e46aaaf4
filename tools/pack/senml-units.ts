/** Units of DBC and VSS as IANA's SenML registries write them. What is not there has no SenML unit. */

/** RFC 8428, 12.1, and RFC 8798, 2: those a vehicle has. */
const primary: Record<string, readonly string[]> = {
  m: ['m', 'meter', 'metre'],
  kg: ['kg', 'kilogram'],
  s: ['s', 'sec', 'second', 'seconds'],
  A: ['A', 'amp', 'ampere', 'Ampere'],
  K: ['K', 'kelvin', 'Kelvin'],
  Hz: ['Hz', 'hertz'],
  rad: ['rad', 'radian', 'radians'],
  N: ['N', 'newton'],
  Pa: ['Pa', 'pascal'],
  J: ['J', 'joule'],
  W: ['W', 'watt', 'watts', 'Watt'],
  V: ['V', 'volt', 'volts', 'Volt', 'Volts'],
  Ohm: ['Ohm', 'ohm', 'Ω', 'Ω'],
  // `C` alone would be the coulomb.
  Cel: ['Cel', 'celsius', 'Celsius', '°C', 'degC', 'DegC', 'deg C', 'ºC', '℃'],
  lx: ['lx', 'lux'],
  m2: ['m2', 'm²'],
  m3: ['m3', 'm³'],
  'm/s': ['m/s', 'mps'],
  'm/s2': ['m/s2', 'm/s^2', 'm/s²', 'm/s/s'],
  'l/s': ['l/s', 'L/s'],
  '%': ['%', 'percent', 'Percent', 'pct'],
  deg: ['deg', '°', 'º', 'degree', 'degrees', 'Degree', 'Degrees'],
  '1/s': ['1/s'],
  '1/min': ['1/min', 'rpm', 'RPM', 'Rpm', 'r/min', 'rev/min', 'U/min'],
  'kg/m3': ['kg/m3', 'kg/m³'],
};

/** RFC 8798, 3: allowed where the pack says so (RFC 9100). */
const secondary: Record<string, readonly string[]> = {
  ms: ['ms', 'millisecond', 'milliseconds'],
  min: ['min', 'minute', 'minutes'],
  h: ['h', 'hr', 'hour', 'hours'],
  MHz: ['MHz'],
  kW: ['kW', 'KW', 'kilowatt'],
  Ah: ['Ah'],
  Wh: ['Wh'],
  kWh: ['kWh', 'KWh'],
  'Wh/km': ['Wh/km'],
  mV: ['mV'],
  mA: ['mA'],
  ppm: ['ppm'],
  hPa: ['hPa', 'mbar'],
  mm: ['mm', 'millimeter'],
  cm: ['cm', 'centimeter'],
  km: ['km', 'Km', 'kilometer', 'kilometers'],
  'km/h': ['km/h', 'kph', 'kmh', 'KPH', 'Km/h', 'KM/H', 'kmph'],
};

export interface SenmlUnit {
  symbol: string;
  /** From the registry of secondary units. */
  isSecondary: boolean;
}

const units = new Map<string, SenmlUnit>();
for (const [table, isSecondary] of [
  [primary, false],
  [secondary, true],
] as const) {
  for (const [symbol, spellings] of Object.entries(table)) {
    for (const spelling of spellings) units.set(spelling, { symbol, isSecondary });
  }
}

/** @example senmlUnit('rpm')  // { symbol: '1/min', isSecondary: false } */
export function senmlUnit(unit: string): SenmlUnit | undefined {
  return units.get(unit.trim());
}
