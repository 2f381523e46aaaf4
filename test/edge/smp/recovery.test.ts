/** The boot loader's serial recovery: few commands, `rc` in its answers, errors in the old form only. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sha256 } from '@noble/hashes/sha2.js';
import { ask, makeImage, TestDevice, verify } from './device.ts';

function recovering() {
  const device = new TestDevice();
  device.server = device.makeServer({ personality: 'serial-recovery' });
  return device;
}
const next = makeImage('1.1.0');

describe('serial recovery', () => {
  for (const version of [1, 2]) {
    const { server } = recovering();
    const rows: [string, Parameters<typeof ask>[1], object][] = [
      ['echoes', { group: 0, command: 0, write: true, body: { d: 'hi' } }, { r: 'hi' }],
      ['takes the switch of console echo', { group: 0, command: 1, write: true, body: { echo: 0 } }, { rc: 0 }],
      ['has one buffer', { group: 0, command: 6 }, { buf_size: 4096, buf_count: 1 }],
      ['has no tasks', { group: 0, command: 2 }, { rc: 8 }],
      ['has no clock', { group: 0, command: 4 }, { rc: 8 }],
      ['has no settings', { group: 3, command: 0, body: { name: 'x' } }, { rc: 8 }],
      ['has no files', { group: 8, command: 1, body: { name: '/log/index.txt' } }, { rc: 8 }],
      ['has no enumeration', { group: 10, command: 0 }, { rc: 8 }],
      ['chooses no image', { group: 1, command: 0, write: true, body: { confirm: true } }, { rc: 8 }],
      [
        'refuses what is no image',
        { group: 1, command: 1, write: true, body: { off: 0, len: 9999, data: new Uint8Array(64) } },
        { rc: 3 },
      ],
      [
        'says where an upload goes on',
        { group: 1, command: 1, write: true, body: { off: 7, data: new Uint8Array(64) } },
        { rc: 0, off: 0 },
      ],
      ['does not erase what runs', { group: 1, command: 5, write: true, body: { slot: 0 } }, { rc: 6 }],
      ['erases the other slot', { group: 1, command: 5, write: true }, { rc: 0 }],
    ];
    for (const [name, request, fields] of rows) {
      it(`${name}, version ${version}`, () => assert.deepEqual(ask(server, { ...request, version }), fields));
    }
  }
  it('lists images without a split status', () => {
    const answer = recovering().ask({ group: 1, command: 0 }) as { images: object[] };
    assert.deepEqual(Object.keys(answer), ['images']);
    assert.equal(answer.images.length, 1);
  });
  it('boots what was uploaded, for good, after its reset', () => {
    const device = recovering();
    let off = 0;
    while (off < next.length) {
      const first = off === 0 && { len: next.length, sha: sha256(next), image: 2 };
      const answer = device.uploadChunk({ off, data: next.subarray(off, off + 700), ...first });
      assert.equal(answer.rc, 0);
      off = answer.off as number;
    }
    assert.deepEqual(device.ask({ group: 0, command: 5, write: true, body: new Uint8Array() }), { rc: 0 });
    device.world.advance(250);
    assert.deepEqual(device.resets, ['application']);
    device.boot();
    assert.deepEqual(device.images(), ['0 1.1.0 confirmed active', '1 1.0.0']);
  });
  it('refuses what another key signed, and boots the image before', () => {
    const device = recovering();
    const forged = makeImage('1.1.0', { isForged: true });
    const first = { off: 0, len: forged.length, sha: sha256(forged), data: forged.subarray(0, 2000) };
    device.uploadChunk(first);
    assert.deepEqual(device.uploadChunk({ off: 2000, data: forged.subarray(2000) }), { rc: 3 });
    device.boot();
    assert.deepEqual(device.images(), ['0 1.0.0 confirmed active']);
    assert.equal(verify(makeImage('1.0.0')).version, '1.0.0');
  });
});
