/** Frames captured from real cars, with what the car's own display or a scan tool showed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backEnds } from './support/back-ends.ts';
import { bytes, planOf, signal } from './support/build.ts';

const motorola = { byteOrder: 'motorola' } as const;
const rows: [string, Parameters<typeof signal>[1], string, string][] = [
  ['GM odometer, km', { ...motorola, startBit: 7, length: 32, scale: 1 / 64 }, '0142BC0900', '330480.14'],
  ['GM tyre pressure, kPa', { startBit: 16, scale: 4 }, '242439343B34', '228.00'],
  ['GM oil life, %', { startBit: 48, scale: 100 / 255 }, '240000284F00FC27', '98.82'],
  ['Chrysler odometer, km', { ...motorola, startBit: 39, length: 24, scale: 0.1 }, '001520001ABEA307', '175273.90'],
  ['Ford odometer, km', { ...motorola, startBit: 15, length: 24 }, '0701970F91011690', '104207.00'],
  ['OBD-II odometer, km', { ...motorola, startBit: 31, length: 32, scale: 0.1 }, '0641A60008B24200', '56992.20'],
  ['OBD-II fuel level, %', { startBit: 24, scale: 100 / 255 }, '03412F67', '40.39'],
  ['Mach-E odometer over UDS, km', { ...motorola, startBit: 39, length: 24 }, '0662DD01003F5ACC', '16218.00'],
];

for (const { name, create } of backEnds) {
  describe(name, () => {
    for (const [title, facts, hex, shown] of rows) {
      test(title, () => {
        const decoder = create(planOf([signal('S', facts)]));
        const payload = bytes(hex);
        decoder.decode(0x100, 0, payload, 0, payload.length);
        assert.equal(decoder.physical[0].toFixed(2), shown);
      });
    }
  });
}
