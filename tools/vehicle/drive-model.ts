/**
 * A made-up electric car driving through a made-up town: longitudinal dynamics, a battery with inner resistance,
 * and what hangs on them. Not a car's real data, but consistent: power is voltage times current, speed is the
 * derivative of distance, braking charges the battery.
 */
import { unit, walk } from './noise.ts';

/** The car at one moment, in the units that the names say. */
export interface DriveState {
  timeMs: number;
  speedKmh: number;
  /** Positive forwards. */
  accelerationMs2: number;
  lateralAccelerationMs2: number;
  /** Positive to the left, at the steering wheel. */
  steeringDegrees: number;
  steeringDegreesPerSecond: number;
  yawDegreesPerSecond: number;
  acceleratorPercent: number;
  brakePercent: number;
  brakeBar: number;
  gear: 'P' | 'D';
  motorTorqueNm: number;
  motorRpm: number;
  /** Of the traction battery; current is positive while discharging. */
  batteryVolts: number;
  batteryAmperes: number;
  batteryKilowatts: number;
  chargePercent: number;
  energyKilowattHours: number;
  odometerKm: number;
  tripKm: number;
  rangeKm: number;
  batteryCelsius: number;
  motorCelsius: number;
  inverterCelsius: number;
  cabinCelsius: number;
  outsideCelsius: number;
  lowVolts: number;
  driverDoorOpen: boolean;
  indicator: 'off' | 'left' | 'right';
  /** The lamp itself, which blinks. */
  indicatorLit: boolean;
  latitudeDegrees: number;
  longitudeDegrees: number;
}

const massKg = 1750;
const dragAreaM2 = 0.62;
const airKgM3 = 1.2;
const rollingCoefficient = 0.0095;
const gravityMs2 = 9.81;
const wheelRadiusM = 0.32;
const wheelbaseM = 2.7;
const gearRatio = 9.1;
const steeringRatio = 15;
const efficiency = 0.92;
const motorTorqueMaxNm = 295;
const motorWattsMax = 110_000;
/** The most that recuperation takes; harder braking is done by the discs. */
const recuperationMaxNm = 110;
const auxiliaryWatts = 650;
const cellCount = 96;
const packOhms = 0.085;
const capacityAmpereHours = 150;
/** Door, seat belt, selector: the car stands for this long first. */
const departureMs = 3000;
const stepMs = 10;

/** Speeds that drivers aim at, km/h; 0 is a traffic light. */
const aims = [0, 30, 50, 50, 70, 100, 120];

/** Keys of the independent random walks. */
const key = { aim: 1, hold: 2, steering: 3, outside: 4, start: 5, cell: 6, sensor: 7, heading: 8 };

/** The same seed and the same time give the same car, however the time was reached. */
export class DriveModel {
  readonly seed: number;
  readonly state: DriveState;
  #leg = 0;
  #legEndsMs = departureMs;
  #aimKmh = 0;
  #usedAmpereHours: number;
  #headingRadians: number;

  constructor(seed: number) {
    this.seed = seed;
    const chargePercent = 55 + 40 * unit(seed, key.start, 0);
    const outsideCelsius = 4 + 20 * unit(seed, key.outside, 0);
    this.#usedAmpereHours = capacityAmpereHours * (1 - chargePercent / 100);
    this.#headingRadians = 2 * Math.PI * unit(seed, key.heading, 0);
    this.state = {
      timeMs: 0,
      speedKmh: 0,
      accelerationMs2: 0,
      lateralAccelerationMs2: 0,
      steeringDegrees: 0,
      steeringDegreesPerSecond: 0,
      yawDegreesPerSecond: 0,
      acceleratorPercent: 0,
      brakePercent: 30,
      brakeBar: 20,
      gear: 'P',
      motorTorqueNm: 0,
      motorRpm: 0,
      batteryVolts: openCircuitVolts(chargePercent),
      batteryAmperes: 0,
      batteryKilowatts: 0,
      chargePercent,
      energyKilowattHours: 0,
      odometerKm: 8000 + Math.floor(50_000 * unit(seed, key.start, 1)),
      tripKm: 0,
      rangeKm: 0,
      batteryCelsius: outsideCelsius + 6,
      motorCelsius: outsideCelsius + 4,
      inverterCelsius: outsideCelsius + 3,
      cabinCelsius: outsideCelsius + 2,
      outsideCelsius,
      lowVolts: 12.6,
      driverDoorOpen: true,
      indicator: 'off',
      indicatorLit: false,
      latitudeDegrees: 46 + 4 * unit(seed, key.start, 2),
      longitudeDegrees: 8 + 5 * unit(seed, key.start, 3),
    };
    this.#battery(0);
  }

  /** Drives on to `timeMs` since the start, in steps of 10 ms. Time never goes back. */
  advanceTo(timeMs: number): DriveState {
    while (this.state.timeMs + stepMs <= timeMs) {
      this.state.timeMs += stepMs;
      this.#step(stepMs / 1000);
    }
    return this.state;
  }

  /** Volts of one of 96 cells, counted from 1: the pack's share, with each cell's own small deviation. */
  cellVolts(cell: number): number {
    const deviation = 0.012 * (unit(this.seed, key.cell, cell) - 0.5);
    return this.state.batteryVolts / cellCount + deviation;
  }

  /** Celsius at one of the battery's sensors, counted from 1. */
  cellCelsius(sensor: number): number {
    return this.state.batteryCelsius + 4 * (unit(this.seed, key.sensor, sensor) - 0.5);
  }

  #step(seconds: number): void {
    const { state } = this;
    if (state.timeMs >= this.#legEndsMs) this.#nextLeg();
    state.driverDoorOpen = state.timeMs < departureMs / 2;
    state.gear = state.timeMs < departureMs ? 'P' : 'D';
    this.#drive(seconds);
    this.#steer(seconds);
    this.#battery(seconds);
    this.#warm(seconds);
  }

  #nextLeg(): void {
    this.#leg++;
    const random = unit(this.seed, key.aim, this.#leg);
    const choices = aims.filter((aim) => aim !== this.#aimKmh);
    this.#aimKmh = choices[Math.floor(random * choices.length)];
    const holdMs = this.#aimKmh === 0 ? 9000 : 12_000;
    this.#legEndsMs = this.state.timeMs + holdMs * (1 + unit(this.seed, key.hold, this.#leg));
  }

  /** Aims at a speed as a driver does, within what the motor and the tyres give. */
  #drive(seconds: number): void {
    const { state } = this;
    const speedMs = state.speedKmh / 3.6;
    const wishMs2 = state.gear === 'P' ? 0 : (this.#aimKmh / 3.6 - speedMs) / 2.5;
    const isHolding = state.gear === 'P' || (this.#aimKmh === 0 && speedMs < 0.05);
    const resistanceN = isHolding
      ? 0
      : massKg * gravityMs2 * rollingCoefficient + 0.5 * airKgM3 * dragAreaM2 * speedMs * speedMs;
    const wheelNm = (massKg * clamp(wishMs2, -3.2, 2.6) + resistanceN) * wheelRadiusM;
    const radiansPerSecond = Math.max(1, (speedMs * gearRatio) / wheelRadiusM);
    const motorNmMax = Math.min(motorTorqueMaxNm, motorWattsMax / radiansPerSecond);
    const motorNm = isHolding ? 0 : clamp(wheelNm / gearRatio, -recuperationMaxNm, motorNmMax);
    const discNm = isHolding ? 0 : Math.min(0, wheelNm - motorNm * gearRatio);
    const forceN = (motorNm * gearRatio + discNm) / wheelRadiusM - resistanceN;
    const nextMs = isHolding ? 0 : Math.max(0, speedMs + (forceN / massKg) * seconds);
    state.accelerationMs2 = (nextMs - speedMs) / seconds;
    state.speedKmh = nextMs * 3.6;
    const driven = ((speedMs + nextMs) / 2) * (seconds / 1000);
    state.tripKm += driven;
    state.odometerKm += driven;
    state.motorTorqueNm = motorNm;
    state.motorRpm = ((nextMs * gearRatio) / (2 * Math.PI * wheelRadiusM)) * 60;
    state.acceleratorPercent = clamp((100 * motorNm) / motorTorqueMaxNm, 0, 100);
    state.brakePercent = isHolding ? 30 : clamp(-wishMs2 * 22 - 8, 0, 100) * (wishMs2 < 0 ? 1 : 0);
    state.brakeBar = isHolding ? 20 : -discNm / 60;
  }

  /** Bends come slowly and end before a stop; yaw and lateral acceleration follow from speed and steering. */
  #steer(seconds: number): void {
    const { state } = this;
    const speedMs = state.speedKmh / 3.6;
    const sharpness = clamp(60 / (1 + speedMs / 2), 4, 60) * clamp(speedMs, 0, 1);
    const wish = (2 * walk(this.seed, key.steering, state.timeMs, 4000) - 1) * sharpness;
    const before = state.steeringDegrees;
    state.steeringDegrees += (wish - before) * Math.min(1, seconds * 3);
    state.steeringDegreesPerSecond = (state.steeringDegrees - before) / seconds;
    const wheelRadians = (state.steeringDegrees / steeringRatio) * (Math.PI / 180);
    const yaw = (speedMs * Math.tan(wheelRadians)) / wheelbaseM;
    state.yawDegreesPerSecond = yaw * (180 / Math.PI);
    state.lateralAccelerationMs2 = yaw * speedMs;
    this.#headingRadians -= yaw * seconds;
    // One degree of latitude is 111.2 km.
    const degrees = (speedMs * seconds) / 111_200;
    state.latitudeDegrees += degrees * Math.cos(this.#headingRadians);
    state.longitudeDegrees +=
      (degrees * Math.sin(this.#headingRadians)) / Math.cos((state.latitudeDegrees * Math.PI) / 180);
    const bend = state.steeringDegrees;
    state.indicator = Math.abs(bend) < 12 ? 'off' : bend > 0 ? 'left' : 'right';
    state.indicatorLit = state.indicator !== 'off' && state.timeMs % 700 < 350;
  }

  #battery(seconds: number): void {
    const { state } = this;
    const shaftWatts = state.motorTorqueNm * (state.motorRpm / 60) * 2 * Math.PI;
    const watts = (shaftWatts > 0 ? shaftWatts / efficiency : shaftWatts * efficiency) + auxiliaryWatts;
    const openVolts = openCircuitVolts(state.chargePercent);
    // Terminal power is (open voltage - ohms * amperes) * amperes; the smaller root is the one that flows.
    state.batteryAmperes = (openVolts - Math.sqrt(openVolts * openVolts - 4 * packOhms * watts)) / (2 * packOhms);
    state.batteryVolts = openVolts - packOhms * state.batteryAmperes;
    state.batteryKilowatts = watts / 1000;
    this.#usedAmpereHours += (state.batteryAmperes * seconds) / 3600;
    state.chargePercent = clamp(100 * (1 - this.#usedAmpereHours / capacityAmpereHours), 0, 100);
    state.energyKilowattHours = (state.chargePercent / 100) * capacityAmpereHours * 0.36;
    state.rangeKm = state.energyKilowattHours / 0.165;
    state.lowVolts =
      state.timeMs < departureMs / 2 ? 12.6 : 14.2 - 0.1 * walk(this.seed, key.start, state.timeMs, 5000);
  }

  #warm(seconds: number): void {
    const { state } = this;
    const lossWatts = packOhms * state.batteryAmperes * state.batteryAmperes;
    const motorWatts = Math.abs(state.batteryKilowatts) * 1000 * (1 - efficiency);
    const towards = (value: number, goal: number, minutes: number) =>
      value + ((goal - value) * seconds) / (60 * minutes);
    state.batteryCelsius = towards(state.batteryCelsius, state.outsideCelsius + 5 + lossWatts / 150, 30);
    state.motorCelsius = towards(state.motorCelsius, state.outsideCelsius + 8 + motorWatts / 40, 4);
    state.inverterCelsius = towards(state.inverterCelsius, state.outsideCelsius + 6 + motorWatts / 60, 2);
    state.cabinCelsius = towards(state.cabinCelsius, 21, 5);
  }
}

/** Resting voltage of the pack: 3.30 V a cell when empty, 4.15 V when full, flatter in between. */
function openCircuitVolts(chargePercent: number): number {
  const charge = chargePercent / 100;
  return cellCount * (3.3 + 0.55 * charge + 0.3 * charge ** 4);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
