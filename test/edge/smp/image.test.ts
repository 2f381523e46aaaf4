/** The image group over slots on flash: uploads that lose, repeat and mix up chunks, and every refusal by its code. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { edgeError } from '../../../edge/errors/index.ts';
import { toHex } from '../../../edge/pack/index.ts';
import { PowerCut } from '../../../edge/sim/index.ts';
import { decodeSmpBody } from '../../../edge/smp/index.ts';
import { group, makeImage, requestBytes, TestDevice, verify } from './device.ts';

const next = makeImage('1.1.0+4');
const imageError = (rc: number) => ({ err: { group: 1, rc } });
const firstChunk = (image: Uint8Array, extra: object = {}) => ({
  off: 0,
  len: image.length,
  sha: sha256(image),
  data: image.subarray(0, 500),
  ...extra,
});

describe('image state', () => {
  it('has the keys of each entry that clients know, in their order, and no other', () => {
    const device = new TestDevice();
    device.upload(next);
    const [answer] = device.server.receive(requestBytes({ group: group.image, command: 0 }), 'a');
    const fields = decodeSmpBody(answer.subarray(8));
    assert.deepEqual(fields.names, ['images', 'splitStatus']);
    const entries = fields.list('images') as { names: string[] }[];
    assert.equal(entries.length, 2);
    for (const { names } of entries) {
      assert.deepEqual(names, ['slot', 'version', 'hash', 'bootable', 'pending', 'confirmed', 'active', 'permanent']);
    }
  });
  it('writes a build number as clients read it, and the hash of the signed image', () => {
    const device = new TestDevice();
    device.upload(next);
    const { images } = device.ask({ group: group.image, command: 0 }) as {
      images: { version: string; hash: Uint8Array }[];
    };
    assert.equal(images[1].version, '1.1.0.4');
    assert.equal(toHex(images[1].hash), toHex(verify(next).hash));
  });
  it('tells the size of slots, and which one an upload fills', () => {
    const { images } = new TestDevice().ask({ group: group.image, command: 6 }) as {
      images: Record<string, unknown>[];
    };
    assert.equal(images.length, 1);
    const { image, slots, max_image_size: bytesMax } = images[0];
    assert.deepEqual(
      { image, slots },
      {
        image: 0,
        slots: [
          { slot: 0, size: 65_536 },
          { slot: 1, size: 65_536, upload_image_id: 0 },
        ],
      },
    );
    assert.ok(typeof bytesMax === 'number' && bytesMax > 50_000 && bytesMax < 65_536);
  });
});

describe('an upload', () => {
  it('fills the other slot, runs on trial, and is confirmed', () => {
    const device = new TestDevice();
    assert.deepEqual(device.upload(next), { off: next.length, match: true });
    assert.deepEqual(device.images(), ['0 1.0.0 confirmed active', '1 1.1.0.4']);
    const { hash } = verify(next);
    device.setState({ hash, confirm: false });
    assert.deepEqual(device.images(), ['0 1.0.0 confirmed active', '1 1.1.0.4 pending']);
    device.boot();
    assert.deepEqual(device.images(), ['0 1.1.0.4 active', '1 1.0.0 confirmed']);
    device.setState({ confirm: true });
    assert.deepEqual(device.images(), ['0 1.1.0.4 confirmed active', '1 1.0.0']);
    device.boot();
    assert.deepEqual(device.images(), ['0 1.1.0.4 confirmed active', '1 1.0.0']);
    assert.deepEqual(device.events.filter(({ event }) => event === 'uploaded').length, 1);
  });
  it('on trial that nobody confirms is reverted by the next reset', () => {
    const device = new TestDevice();
    device.upload(next);
    device.setState({ hash: verify(next).hash });
    device.boot();
    device.boot();
    assert.deepEqual(device.images(), ['0 1.0.0 confirmed active', '1 1.1.0.4']);
  });
  it('for good needs no confirmation', () => {
    const device = new TestDevice();
    device.upload(next);
    device.setState({ hash: verify(next).hash, confirm: true });
    assert.deepEqual(device.images(), ['0 1.0.0 confirmed active', '1 1.1.0.4 pending permanent']);
    device.boot();
    assert.deepEqual(device.images(), ['0 1.1.0.4 confirmed active', '1 1.0.0']);
  });
  it('at a wrong offset is a success that says where to go on', () => {
    const device = new TestDevice();
    assert.deepEqual(device.uploadChunk(firstChunk(next)), { off: 500 });
    for (const off of [1, 499, 501, 5000, 2 ** 32 - 1]) {
      assert.deepEqual(device.uploadChunk({ off, data: next.subarray(0, 100) }), { off: 500 });
      assert.deepEqual(device.uploadChunk({ off, data: next.subarray(0, 100) }, 'console', 1), { off: 500 });
    }
    assert.deepEqual(device.uploadChunk({ off: 500, data: new Uint8Array() }), { off: 500 });
  });
  it('that was never begun begins at 0', () => {
    assert.deepEqual(new TestDevice().uploadChunk({ off: 500, data: next.subarray(500, 600) }), { off: 0 });
  });
  it('goes on where it was when the client begins again with the same hash', () => {
    const device = new TestDevice();
    device.uploadChunk(firstChunk(next));
    device.uploadChunk({ off: 500, data: next.subarray(500, 1300) });
    assert.deepEqual(device.uploadChunk(firstChunk(next)), { off: 1300 });
    const trimmed = { sha: sha256(next).subarray(0, 8) };
    assert.deepEqual(device.uploadChunk(firstChunk(next, trimmed)), { off: 500 }, 'another hash, another upload');
    assert.deepEqual(device.uploadChunk(firstChunk(next, trimmed)), { off: 500 }, 'one trimmed is compared as it is');
  });
  it('begins anew without a hash, with another, or with another length', () => {
    const device = new TestDevice();
    for (const extra of [{ sha: undefined }, { sha: new Uint8Array(32) }, { len: next.length + 1 }]) {
      device.uploadChunk(firstChunk(next));
      device.uploadChunk({ off: 500, data: next.subarray(500, 1300) });
      const body = Object.fromEntries(
        Object.entries(firstChunk(next, extra)).filter(([, value]) => value !== undefined),
      );
      assert.deepEqual(device.uploadChunk(body), { off: 500 });
    }
  });
  it('goes on over a reset from what is in flash, once the client says which image it is', () => {
    const device = new TestDevice();
    device.uploadChunk(firstChunk(next));
    device.uploadChunk({ off: 500, data: next.subarray(500, 2500) });
    device.boot();
    assert.deepEqual(device.uploadChunk({ off: 2500, data: next.subarray(2500) }), { off: 0 });
    assert.deepEqual(device.uploadChunk(firstChunk(next)), { off: 2048 }, 'whole sectors are safe');
    assert.deepEqual(device.upload(next), { off: next.length, match: true });
  });
  it('whose last answer is lost is still done, for every client that asks', () => {
    const device = new TestDevice();
    device.upload(next);
    const last = { off: 3000, data: next.subarray(3000) };
    assert.deepEqual(device.uploadChunk(last), { off: next.length, match: true });
    assert.deepEqual(device.uploadChunk(firstChunk(next)), { off: next.length, match: true });
    assert.deepEqual(device.uploadChunk(firstChunk(next), 'another'), { off: next.length, match: true });
    assert.deepEqual(device.events.filter(({ event }) => event === 'uploaded').length, 1);
  });
  it('without a hash says nothing of a match', () => {
    const device = new TestDevice();
    const { sha, ...body } = firstChunk(next);
    assert.equal(sha.length, 32);
    device.uploadChunk(body);
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(device.uploadChunk({ off: 500, data: next.subarray(500) }), { off: next.length });
    }
  });
  it('that is not what was announced does not match, and can be begun again', () => {
    const device = new TestDevice();
    const damaged = next.slice();
    damaged[700] ^= 1;
    assert.deepEqual(device.upload(damaged, { extra: { sha: sha256(next) } }), { off: next.length, match: false });
    assert.deepEqual(device.images(), ['0 1.0.0 confirmed active']);
    assert.deepEqual(device.upload(next), { off: next.length, match: true });
  });
  it('may name the slot where an image is asked for', () => {
    const device = new TestDevice();
    assert.deepEqual(device.upload(next, { extra: { image: 1 } }), { off: next.length, match: true });
    assert.deepEqual(device.uploadChunk(firstChunk(next, { image: 2 })), imageError(9));
  });
  it('by chunks of any size, lost, repeated, late and out of order, ends with the very image', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 32, max: 700 }), (seed, chunkBytes) => {
        const device = new TestDevice();
        const late: object[] = [];
        let random = seed >>> 0;
        const chance = (of: number) => {
          random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
          return (random >>> 8) % of === 0;
        };
        let off = 0;
        let answer: Record<string, unknown> = {};
        for (let i = 0; answer.match !== true; i++) {
          assert.ok(i < 10_000, 'it comes to an end');
          const body = {
            off,
            data: next.subarray(off, off + chunkBytes),
            ...(off === 0 && { len: next.length, sha: sha256(next) }),
          };
          if (chance(4)) late.push(body);
          if (chance(5)) continue;
          answer = device.uploadChunk(body);
          if (chance(5)) continue;
          if (chance(6)) device.uploadChunk(body);
          if (chance(7) && late.length > 0) device.uploadChunk(late.shift()!);
          if (chance(40)) device.boot();
          off = answer.off as number;
          if (off >= next.length && answer.match !== true) off = 0;
        }
        assert.deepEqual(device.images().at(-1), '1 1.1.0.4');
      }),
      { numRuns: 15 },
    );
  });
});

describe('a power cut at any operation of an upload and its choice', () => {
  const short = makeImage('1.1.0', { bytes: 1500 });
  for (const moment of ['before', 'within', 'after'] as const) {
    it(`(${moment}) ends the device without an answer; the next boot runs a verified image, and the upload ends well`, () => {
      let cuts = 0;
      for (let isCut = true; isCut; cuts++) {
        const device = new TestDevice();
        const { power } = device.flash.secondary;
        power.cutAt(cuts, moment);
        isCut = false;
        try {
          device.upload(short);
          device.setState({ hash: verify(short).hash });
        } catch (problem) {
          if (!(problem instanceof PowerCut)) throw problem;
          isCut = true;
        }
        power.restore();
        device.boot();
        if (device.images()[0] === '0 1.0.0 confirmed active') {
          assert.deepEqual(device.upload(short), { off: short.length, match: true });
          device.setState({ hash: verify(short).hash });
          device.boot();
        }
        assert.deepEqual(device.images(), ['0 1.1.0 active', '1 1.0.0 confirmed']);
      }
      assert.ok(cuts > 5, `${cuts} operations`);
    });
  }
});

describe('two clients at once', () => {
  const other = makeImage('2.0.0', { bytes: 2000 });
  it('with two images: the second is told that the device is busy, until the first rests', () => {
    const device = new TestDevice();
    device.uploadChunk(firstChunk(next), 'a');
    assert.deepEqual(device.uploadChunk(firstChunk(other), 'b'), { rc: 10 });
    assert.deepEqual(device.uploadChunk({ off: 500, data: other.subarray(500, 900) }, 'b'), { rc: 10 });
    assert.deepEqual(device.ask({ group: 1, command: 5, write: true, peer: 'b' }), { rc: 10 });
    assert.deepEqual(device.uploadChunk({ off: 500, data: next.subarray(500, 900) }, 'a'), { off: 900 });
    device.world.advance(5000);
    assert.deepEqual(device.upload(other, { peer: 'b' }), { off: other.length, match: true });
    assert.deepEqual(
      device.uploadChunk({ off: 900, data: next.subarray(900) }, 'a'),
      { off: 0 },
      'the first begins again',
    );
  });
  it('with two images: each chunk of the first counts from anew', () => {
    const device = new TestDevice();
    device.uploadChunk(firstChunk(next), 'a');
    device.world.advance(4000);
    device.uploadChunk({ off: 500, data: next.subarray(500, 900) }, 'a');
    device.world.advance(4000);
    assert.deepEqual(device.uploadChunk(firstChunk(other), 'b'), { rc: 10 });
  });
  it('with two images: the second need not wait once the first is done, or was refused', () => {
    const device = new TestDevice();
    device.upload(makeImage('1.1.0', { isForged: true }), { peer: 'a' });
    assert.deepEqual(device.upload(next, { peer: 'b' }), { off: next.length, match: true });
    assert.deepEqual(device.upload(other, { peer: 'a' }), { off: other.length, match: true });
  });
  it('with one image: both go on with it, and neither writes what the other wrote', () => {
    const device = new TestDevice();
    const chunk = (off: number) => ({
      off,
      data: next.subarray(off, off + 400),
      ...(off === 0 && { len: next.length, sha: sha256(next) }),
    });
    const offs = { a: 0, b: 0 };
    for (let turns = 0; turns < 100 && offs.a < next.length; turns++) {
      for (const peer of ['a', 'b'] as const) offs[peer] = device.uploadChunk(chunk(offs[peer]), peer).off as number;
    }
    assert.deepEqual(offs, { a: next.length, b: next.length });
    assert.deepEqual(device.images().at(-1), '1 1.1.0.4');
  });
  it('are at most eight for one image', () => {
    const device = new TestDevice();
    for (let i = 0; i < 8; i++) assert.equal(typeof device.uploadChunk(firstChunk(next), `peer ${i}`).off, 'number');
    assert.deepEqual(device.uploadChunk(firstChunk(next), 'one more'), { rc: 10 });
  });
});

describe('a refused upload', () => {
  const corrupt = next.slice();
  corrupt[700] ^= 1;
  const magic = next.slice();
  magic[0] ^= 1;
  const rows: [name: string, body: object, v2: object, v1: number][] = [
    ['without an offset', { data: next }, imageError(20), 3],
    ['of fewer bytes than a header', firstChunk(next, { data: next.subarray(0, 31) }), imageError(22), 3],
    ['without a length', { off: 0, data: next.subarray(0, 64) }, imageError(21), 3],
    ['of something else than an image', firstChunk(magic), imageError(23), 3],
    ['with a hash too long', firstChunk(next, { sha: new Uint8Array(33) }), imageError(24), 3],
    ['longer than the slot', firstChunk(next, { len: 65_536 }), imageError(30), 1],
    ['of more bytes than its length', firstChunk(next, { len: 400 }), imageError(31), 1],
    [
      'of an older version, where an upgrade is asked for',
      firstChunk(makeImage('0.9.9'), { upgrade: true }),
      imageError(27),
      6,
    ],
    [
      'of the same version, where an upgrade is asked for',
      firstChunk(makeImage('1.0.0'), { upgrade: true }),
      imageError(27),
      6,
    ],
    ['with a hash of another type', firstChunk(next, { sha: 'abc' }), { rc: 3 }, 3],
  ];
  for (const [name, body, v2, v1] of rows) {
    it(`${name}: says so in both versions, and leaves the running image alone`, () => {
      const device = new TestDevice();
      assert.deepEqual(device.uploadChunk(body), v2);
      assert.deepEqual(device.uploadChunk(body, 'console', 1), { rc: v1 });
      assert.deepEqual(device.images(), ['0 1.0.0 confirmed active']);
    });
  }
  it('of a newer version is none, where an upgrade is asked for', () => {
    assert.deepEqual(new TestDevice().uploadChunk(firstChunk(next, { upgrade: true })), { off: 500 });
  });
  it('of more bytes than announced, in the middle', () => {
    const device = new TestDevice();
    device.uploadChunk(firstChunk(next));
    assert.deepEqual(device.uploadChunk({ off: 500, data: new Uint8Array(next.length) }), imageError(31));
  });

  const atTheEnd: [name: string, image: Uint8Array, rc: number][] = [
    ['a flipped bit', corrupt, 24],
    ['another key', makeImage('1.1.0', { isForged: true }), 24],
    ['its end missing', next.subarray(0, 2800), 22],
  ];
  for (const [name, image, rc] of atTheEnd) {
    it(`for ${name}: the last chunk says so, and nothing can be booted of it`, () => {
      const device = new TestDevice();
      assert.deepEqual(device.upload(image), imageError(rc));
      assert.deepEqual(device.images(), ['0 1.0.0 confirmed active']);
      device.boot();
      assert.deepEqual(device.images(), ['0 1.0.0 confirmed active']);
      assert.ok(device.events.some((event) => event.event === 'failed' && event.problem.code.startsWith('IMAGE_')));
    });
  }
  it('for a security counter that was passed before: the version is too old', () => {
    const device = new TestDevice();
    device.flash.primary.erase(0, 65_536);
    device.flash.primary.load(0, makeImage('1.0.0', { securityCounter: 5 }));
    device.boot();
    assert.deepEqual(device.upload(makeImage('1.1.0', { securityCounter: 4 })), imageError(27));
  });
  for (const [operation, rc] of [
    ['write', 12],
    ['erase', 13],
  ] as const) {
    it(`for flash that fails to ${operation}: says so, and goes on once it does not`, () => {
      const device = new TestDevice();
      device.upload(next);
      const { secondary } = device.flash;
      const { write, erase } = secondary;
      const failing = () => {
        throw edgeError('FLASH_IO', { path: 'flash', operation, reason: 'EIO' });
      };
      Object.assign(secondary, { [operation]: failing });
      const other = makeImage('1.2.0', { bytes: 4000 });
      // Erasing is what an upload begins with, too.
      if (operation === 'write') assert.deepEqual(device.upload(other, { chunkBytes: 1500 }), imageError(rc));
      else assert.deepEqual(device.ask({ group: 1, command: 5, write: true }), imageError(rc));
      Object.assign(secondary, { write, erase });
      assert.deepEqual(device.upload(other), { off: other.length, match: true });
    });
  }
  it('while the slot is pending, or is what a trial returns to: no free slot', () => {
    const device = new TestDevice();
    device.upload(next);
    device.setState({ hash: verify(next).hash });
    const other = makeImage('3.0.0', { bytes: 100 });
    assert.deepEqual(device.upload(other), imageError(9));
    assert.deepEqual(device.ask({ group: 1, command: 5, write: true }), imageError(9));
    device.boot();
    assert.deepEqual(device.upload(other), imageError(9));
    assert.deepEqual(device.images(), ['0 1.1.0.4 active', '1 1.0.0 confirmed']);
  });
});

describe('choosing an image', () => {
  const rows: [name: string, body: object, v2: object][] = [
    ['without a hash, on trial: no valid hash', {}, imageError(24)],
    ['with a hash of another length: no valid hash', { hash: new Uint8Array(31) }, imageError(24)],
    ['with the hash of no image: not found', { hash: new Uint8Array(32) }, imageError(8)],
    ['the one that runs, on trial: denied', { hash: verify(makeImage('1.0.0')).hash }, imageError(33)],
    ['with a hash that is text: invalid', { hash: 'x' }, { rc: 3 }],
  ];
  for (const [name, body, answer] of rows) it(name, () => assert.deepEqual(new TestDevice().setState(body), answer));
  it('another while the running one is on trial: already pending', () => {
    const device = new TestDevice();
    device.upload(next);
    device.setState({ hash: verify(next).hash });
    device.boot();
    assert.deepEqual(device.setState({ hash: verify(makeImage('1.0.0')).hash }), imageError(28));
  });
  it('the same again is no error', () => {
    const device = new TestDevice();
    device.upload(next);
    for (let i = 0; i < 2; i++) assert.equal(device.setState({ hash: verify(next).hash }).err, undefined);
    assert.deepEqual(device.images(), ['0 1.0.0 confirmed active', '1 1.1.0.4 pending']);
  });
  it('to confirm what is confirmed is no error', () => {
    const device = new TestDevice();
    assert.equal(device.setState({ confirm: true }).err, undefined);
    assert.equal(device.setState({ hash: verify(makeImage('1.0.0')).hash, confirm: true }).err, undefined);
  });
});

describe('erasing', () => {
  it('empties the other slot, and ends the upload into it', () => {
    const device = new TestDevice();
    device.upload(next);
    assert.deepEqual(device.ask({ group: 1, command: 5, write: true }), {});
    assert.deepEqual(device.images(), ['0 1.0.0 confirmed active']);
    device.uploadChunk(firstChunk(next));
    device.ask({ group: 1, command: 5, write: true, body: { slot: 1 } });
    assert.deepEqual(device.uploadChunk({ off: 500, data: next.subarray(500) }), { off: 0 });
  });
  it('refuses the slot that runs, and slots that there are not', () => {
    const device = new TestDevice();
    assert.deepEqual(device.ask({ group: 1, command: 5, write: true, body: { slot: 0 } }), imageError(9));
    assert.deepEqual(device.ask({ group: 1, command: 5, write: true, body: { slot: 2 } }), imageError(14));
  });
});
