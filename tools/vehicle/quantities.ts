/**
 * What a signal most likely means, told from its name and unit, so that a drive can be encoded through any DBC.
 * First match decides; a signal that nothing here knows gets a bounded random walk.
 */
import type { PlanSignal } from '../../edge/decode/index.ts';
import type { DriveModel, DriveState } from './drive-model.ts';

/** Physical value of a signal in the unit its DBC gives it. */
export type Quantity = (state: Readonly<DriveState>, model: DriveModel) => number;

interface Rule {
  /** On the signal's name in words: `battery_pack_voltage`. */
  name: RegExp;
  /** On its unit in lower case; left out where the name is enough. */
  unit?: RegExp;
  value: Quantity;
}

const speedUnit = /^(km\/?h|kph|mph|mi\/h|m\/s)$/;
const temperatureUnit = /^(°|deg|deg\.? ?|grad ?)?c(elsius)?$/;
const distanceUnit = /^(km|mi|miles|m)$/;
const flag =
  (isTrue: (state: Readonly<DriveState>) => boolean): Quantity =>
  (state) =>
    isTrue(state) ? 1 : 0;

const rules: Rule[] = [
  { name: /setpoint|set_point|target|limit|max|min|request(ed)?_level|wind|fan/, unit: speedUnit, value: () => 0 },
  { name: /speed|veloc|^v_|_v_|wheel/, unit: speedUnit, value: (state) => state.speedKmh },
  { name: /valid$|plausible/, value: () => 1 },
  { name: /rpm|motor_speed|engine_speed|rotor/, value: (state) => state.motorRpm },
  { name: /./, unit: /^(rpm|1\/min|u\/min)$/, value: (state) => state.motorRpm },
  { name: /soh|state_of_health/, value: () => 97 },
  { name: /soc|state_of_charge|charge_level|battery_level/, unit: /^%?$/, value: (state) => state.chargePercent },
  { name: /odo/, unit: distanceUnit, value: (state) => state.odometerKm },
  { name: /trip/, unit: distanceUnit, value: (state) => state.tripKm },
  { name: /range/, unit: distanceUnit, value: (state) => state.rangeKm },
  { name: /limit/, unit: /^nm$/, value: () => 295 },
  { name: /recup|regen/, unit: /^nm$/, value: (state) => Math.min(0, state.motorTorqueNm) },
  { name: /torque/, value: (state) => state.motorTorqueNm },
  { name: /set_?point|target/, unit: temperatureUnit, value: () => 21 },
  { name: /outside|ambient|exterior/, unit: temperatureUnit, value: (state) => state.outsideCelsius },
  { name: /cabin|interior|inside/, unit: temperatureUnit, value: (state) => state.cabinCelsius },
  { name: /invert/, unit: temperatureUnit, value: (state) => state.inverterCelsius },
  { name: /motor|stator|rotor|engine|gearbox|coolant/, unit: temperatureUnit, value: (state) => state.motorCelsius },
  { name: /./, unit: temperatureUnit, value: (state) => state.batteryCelsius },
  { name: /mains|plug|charger|^ac_/, value: () => 0 },
  { name: /cell/, unit: /^m?v$/, value: (_state, model) => model.cellVolts(1) },
  { name: /low_voltage|12_?v|aux|lv/, unit: /^v$/, value: (state) => state.lowVolts },
  { name: /batt|pack|hv|dc|bms|traction|volt/, unit: /^v$/, value: (state) => state.batteryVolts },
  { name: /limit|max|min/, unit: /^(a|kw)$/, value: () => 180 },
  { name: /dc_?dc/, unit: /^a$/, value: () => 42 },
  { name: /batt|pack|hv|bms|traction|current|amp/, unit: /^a$/, value: (state) => state.batteryAmperes },
  { name: /heater/, unit: /^k?w$/, value: () => 1.5 },
  { name: /power|batt/, unit: /^kw$/, value: (state) => state.batteryKilowatts },
  { name: /power|batt/, unit: /^w$/, value: (state) => state.batteryKilowatts * 1000 },
  { name: /energy|remaining/, unit: /^kwh$/, value: (state) => state.energyKilowattHours },
  { name: /consum/, value: () => 16.5 },
  { name: /steer.*(rate|speed)/, value: (state) => state.steeringDegreesPerSecond },
  { name: /steer.*(angle|position|wheel)|wheel_angle/, value: (state) => state.steeringDegrees },
  { name: /yaw/, value: (state) => state.yawDegreesPerSecond },
  { name: /lat.*acc|acc.*lat|acc.*y$/, value: (state) => state.lateralAccelerationMs2 },
  { name: /long.*acc|acc.*long|acc.*x$/, value: (state) => state.accelerationMs2 },
  { name: /latitude/, value: (state) => state.latitudeDegrees },
  { name: /longitude/, value: (state) => state.longitudeDegrees },
  { name: /accel.*(ped|pos)|throttle|gas_?pedal|app$/, unit: /^%?$/, value: (state) => state.acceleratorPercent },
  { name: /brake.*press/, value: (state) => state.brakeBar },
  { name: /park.*brake|hand_?brake/, value: flag((state) => state.gear === 'P') },
  { name: /brake/, unit: /^%$/, value: (state) => state.brakePercent },
  {
    name: /brake.*(light|lamp|switch|press|active|on)|stop_?(light|lamp)/,
    value: flag((state) => state.brakePercent > 1),
  },
  {
    name: /(indicator|turn|blink).*left|left.*(indicator|turn|blink)/,
    value: flag((s) => s.indicatorLit && s.indicator === 'left'),
  },
  {
    name: /(indicator|turn|blink).*right|right.*(indicator|turn|blink)/,
    value: flag((s) => s.indicatorLit && s.indicator === 'right'),
  },
  { name: /low_?beam|head_?(light|lamp)|position_light/, value: () => 1 },
  { name: /high_?beam|fog|reverse/, value: () => 0 },
  { name: /door.*(driver|front_left|fl)|driver.*door/, value: flag((state) => state.driverDoorOpen) },
  { name: /door|bonnet|hood|trunk|tailgate|window/, value: () => 0 },
  { name: /seat_?belt.*driver|driver.*belt/, value: flag((state) => !state.driverDoorOpen) },
  { name: /drive_ready|ready/, value: flag((state) => state.gear === 'D') },
  { name: /(pressure).*|tire|tyre/, unit: /^bar$/, value: () => 2.5 },
  { name: /(pressure).*|tire|tyre/, unit: /^kpa$/, value: () => 250 },
  { name: /fault|fail|error|warn|alarm|active$|kick_?down/, value: () => 0 },
];

/** From the unit that rules think in to the one the DBC has. */
const conversions: Readonly<Record<string, number>> = {
  mph: 1 / 1.609344,
  'mi/h': 1 / 1.609344,
  'm/s': 1 / 3.6,
  mi: 1 / 1.609344,
  miles: 1 / 1.609344,
  m: 1000,
  mv: 1000,
};

/** What the signal means, or undefined when its name and unit say nothing. */
export function quantityOf(signal: PlanSignal): Quantity | undefined {
  const name = inWords(signal.name);
  const unit = signal.unit.trim().toLowerCase();
  const cell = cellQuantity(name, unit);
  if (cell !== undefined) return cell;
  const labelled = labelQuantity(name, signal);
  if (labelled !== undefined) return labelled;
  const rule = rules.find((candidate) => candidate.name.test(name) && (candidate.unit?.test(unit) ?? true));
  if (rule === undefined) return undefined;
  const factor = conversions[unit] ?? 1;
  return factor === 1 ? rule.value : (state, model) => rule.value(state, model) * factor;
}

/** `CellVoltage12`, `Cell_12_Temp`: the number is the cell's. */
function cellQuantity(name: string, unit: string): Quantity | undefined {
  const number = Number(/\d+/.exec(name)?.[0] ?? Number.NaN);
  if (!/cell/.test(name) || Number.isNaN(number)) return undefined;
  if (unit === 'v') return (_state, model) => model.cellVolts(number);
  if (unit === 'mv') return (_state, model) => model.cellVolts(number) * 1000;
  if (temperatureUnit.test(unit)) return (_state, model) => model.cellCelsius(number);
  return undefined;
}

/** States that signals name by label: what the label says while parked, and while driving. */
const labelRules: { name: RegExp; parked: RegExp; driving: RegExp }[] = [
  { name: /gear|prnd|shift/, parked: /^p(ark(ing|ed)?)?\b/i, driving: /^d(rive)?\b/i },
  { name: /ignition|power_mode|key_/, parked: /^(on|acc)/i, driving: /^(ready|run|on)/i },
  { name: /contactor/, parked: /^closed/i, driving: /^closed/i },
  { name: /inverter|motor_state/, parked: /^(ready|idle|on)/i, driving: /^(driving|active|run|on|ready)/i },
];

/** A state whose labels are known words; undefined for any other. */
function labelQuantity(name: string, signal: PlanSignal): Quantity | undefined {
  const rule = labelRules.find((candidate) => candidate.name.test(name));
  const physicalOf = (pattern: RegExp) => {
    const label = signal.labels.find(({ text }) => pattern.test(text.trim()));
    return label === undefined ? undefined : Number(label.raw) * signal.scale + signal.offset;
  };
  if (rule === undefined) return undefined;
  const parked = physicalOf(rule.parked);
  const driving = physicalOf(rule.driving);
  if (parked === undefined || driving === undefined) return undefined;
  return (state) => (state.gear === 'P' ? parked : driving);
}

/** `BatteryPackVoltage`, `BATT_packVoltage` to `battery_pack_voltage`, `batt_pack_voltage`. */
function inWords(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}
