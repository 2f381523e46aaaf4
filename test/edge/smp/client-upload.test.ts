/** Uploads: whole whatever is lost, late, twice or out of order; resumed; given up with a reason. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { edgeError, MinerError } from '../../../edge/errors/index.ts';
import type { CborMap, CborValue } from '../../../edge/pack/index.ts';
import { SeededRandom } from '../../../edge/sim/index.ts';
import { SmpClient, type UploadOptions, type UploadOutcome, uploadImage } from '../../../edge/smp/index.ts';
import { type LinkFaults, type Script, scriptedWorld, settled, UploadingDevice } from './client-device.ts';

function imageOf(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  new SeededRandom(length).fill(bytes);
  return bytes;
}

interface World {
  device: UploadingDevice;
  run: (options?: Partial<UploadOptions>) => Promise<UploadOutcome>;
  client: SmpClient;
  link: ReturnType<typeof scriptedWorld>['link'];
}

function worldOf(
  image: Uint8Array,
  script?: (body: Map<string, CborValue>, device: UploadingDevice) => CborMap | undefined,
  faults?: LinkFaults & { random: SeededRandom },
): World {
  const device = new UploadingDevice();
  const answer: Script = (_, body) => (script === undefined ? device.take(body) : script(body, device));
  const { clock, link } = scriptedWorld(answer, faults);
  const client = new SmpClient({ link, clock, timeoutMs: 100, attempts: 8 });
  const run = (options: Partial<UploadOptions> = {}) =>
    settled(clock, uploadImage(client, { image, messageBytesMax: 400, window: 3, ...options }));
  return { device, client, link, run };
}

const failure = async (promise: Promise<unknown>): Promise<MinerError> => {
  const problem = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(problem instanceof MinerError, String(problem));
  return problem;
};

const refusal = (group: number, rc: number): CborMap =>
  new Map([
    [
      'err',
      new Map([
        ['group', group],
        ['rc', rc],
      ]),
    ],
  ]);

describe('an upload', () => {
  test('goes whole, in messages as long as the device takes, each byte once', async () => {
    const image = imageOf(10_000);
    const { device, link, run } = worldOf(image);
    const progress: number[] = [];
    const outcome = await run({ onProgress: ({ offsetBytes }) => progress.push(offsetBytes) });
    assert.deepEqual(device.flash, image);
    assert.deepEqual(outcome, { resumedAtBytes: 0, sentBytes: 10_000, rewinds: 0, isMatch: undefined });
    assert.equal(progress.at(-1), 10_000);
    assert.deepEqual(
      progress,
      progress.toSorted((a, b) => a - b),
    );
    const longest = Math.max(...link.sent.map(({ body }) => 8 + body.length));
    assert.ok(longest <= 400 && longest > 400 - 40, String(longest));
  });

  for (const length of [1, 31, 32, 33, 319, 320, 321, 352, 353, 65_536]) {
    test(`of ${length} bytes arrives as it is`, async () => {
      const image = imageOf(length);
      const { device, run } = worldOf(image);
      await run();
      assert.deepEqual([device.flash, device.finished], [image, 1]);
    });
  }

  test('holds no more requests under way than the window', async () => {
    const waiting: number[] = [];
    const { run } = worldOf(imageOf(5000), (body, device) => {
      waiting.push(body.get('off') as number);
      return device.take(body);
    });
    await run({ window: 1 });
    assert.deepEqual(
      waiting,
      waiting.toSorted((a, b) => a - b),
    );
  });

  test('names the image of several, and asks for an upgrade, in the first request alone', async () => {
    const { link, run, device } = worldOf(imageOf(1000));
    const bodies: Map<string, CborValue>[] = [];
    const take = device.take.bind(device);
    device.take = (body) => {
      bodies.push(body);
      return take(body);
    };
    await run({ imageNumber: 2, upgradeOnly: true });
    assert.deepEqual([...bodies[0].keys()].toSorted(), ['data', 'image', 'len', 'off', 'sha', 'upgrade']);
    assert.deepEqual([bodies[0].get('image'), bodies[0].get('upgrade')], [2, true]);
    for (const body of bodies.slice(1)) assert.deepEqual([...body.keys()].toSorted(), ['data', 'off']);
    assert.equal(link.sent.length, bodies.length);
  });

  test('goes on where another was cut', async () => {
    const image = imageOf(20_000);
    let left = 30;
    const { device, client, run, link } = worldOf(image, (body, inner) => (left-- > 0 ? inner.take(body) : undefined));
    const cut = failure(run());
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await cut).code, 'SMP_NO_ANSWER');
    const had = device.offset!;
    assert.ok(had > 5000 && had < 15_000);
    left = Number.POSITIVE_INFINITY;
    const sentBefore = link.sent.length;
    const outcome = await run();
    assert.equal(outcome.resumedAtBytes, had);
    assert.deepEqual([device.flash, device.begun], [image, 1]);
    assert.ok(link.sent.length - sentBefore < 40);
    await client.close();
  });

  test('begins anew when the device forgot it', async () => {
    const image = imageOf(8000);
    let chunks = 0;
    const { device, run } = worldOf(image, (body, inner) => {
      if (++chunks === 10) inner.forget();
      return inner.take(body);
    });
    const outcome = await run();
    assert.deepEqual([device.flash, device.begun, outcome.resumedAtBytes], [image, 2, 0]);
  });

  test('is not begun anew when only the last answer was lost and the image is there', async () => {
    const image = imageOf(2000);
    const lost = new Set<number>();
    const { device, run } = worldOf(image, (body, inner) => {
      const answer = inner.take(body);
      const isLast = answer.get('off') === image.length;
      return isLast && lost.size === 0 && lost.add(1) ? undefined : answer;
    });
    let asked = 0;
    const outcome = await run({ isComplete: async () => ++asked > 0 });
    assert.deepEqual([device.flash, device.begun, asked], [image, 1, 1]);
    assert.equal(outcome.isMatch, undefined);
  });

  test('follows a device that takes part of a chunk', async () => {
    const image = imageOf(3000);
    const { device, run } = worldOf(image);
    device.acceptBytesMax = 100;
    await run();
    assert.deepEqual(device.flash, image);
  });

  test('says whether the device found its flash to match', async () => {
    const { device, run } = worldOf(imageOf(900));
    device.match = true;
    assert.equal((await run()).isMatch, true);
    device.match = false;
    assert.equal((await failure(run())).code, 'SMP_UPLOAD_HASH');
  });

  const refusals: [string, CborMap, string][] = [
    ['a slot that is busy', refusal(1, 9), 'IMG_MGMT_ERR_NO_FREE_SLOT'],
    ['a downgrade', refusal(1, 27), 'IMG_MGMT_ERR_CURRENT_VERSION_IS_NEWER'],
    ['an image that is too large', refusal(1, 30), 'IMG_MGMT_ERR_INVALID_IMAGE_TOO_LARGE'],
    ['a bad magic', refusal(1, 23), 'IMG_MGMT_ERR_INVALID_IMAGE_HEADER_MAGIC'],
    ['another client', new Map([['rc', 10]]), 'MGMT_ERR_EBUSY'],
    ['a bad state, in version 1', new Map([['rc', 6]]), 'MGMT_ERR_EBADSTATE'],
  ];
  for (const [what, answer, name] of refusals) {
    for (const at of [0, 3]) {
      test(`refused for ${what} at request ${at} ends with ${name}`, async () => {
        let asked = 0;
        const { run } = worldOf(imageOf(4000), (body, device) => (asked++ >= at ? answer : device.take(body)));
        const problem = await failure(run());
        assert.deepEqual([problem.code, problem.facts.name], ['SMP_REFUSED', name]);
      });
    }
  }

  const hopeless: [string, (body: Map<string, CborValue>, device: UploadingDevice) => CborMap, string][] = [
    ['never takes a byte', () => new Map([['off', 0]]), 'SMP_UPLOAD_STUCK'],
    [
      'never takes a second chunk',
      (body, device) => (body.get('off') === 0 ? device.take(body) : new Map([['off', 32]])),
      'SMP_UPLOAD_STUCK',
    ],
    [
      'forgets it again and again',
      (body, device) => {
        device.forget();
        return device.take(body);
      },
      'SMP_UPLOAD_STUCK',
    ],
    ['expects a byte past the end', () => new Map([['off', 4001]]), 'SMP_ANSWER'],
    ['says nothing of an offset', () => new Map(), 'SMP_ANSWER'],
    ['expects half a byte', () => new Map([['off', 0.5]]), 'SMP_ANSWER'],
  ];
  for (const [what, script, code] of hopeless) {
    test(`to a device that ${what} ends with ${code}`, async () => {
      const { run, link } = worldOf(imageOf(4000), script);
      assert.equal((await failure(run())).code, code);
      assert.ok(link.sent.length < 100, String(link.sent.length));
    });
  }

  test('is refused before it begins when not even a small chunk fits', async () => {
    const { run, link } = worldOf(imageOf(4000));
    assert.equal((await failure(run({ messageBytesMax: 80 }))).code, 'SMP_TOO_SMALL');
    assert.equal(link.sent.length, 0);
  });

  test('ends with the link', async () => {
    const { run, link } = worldOf(imageOf(4000), () => undefined);
    const cut = failure(run());
    await new Promise((resolve) => setImmediate(resolve));
    await link.close(edgeError('PORT_LOST', { port: 'device', reason: 'unplugged' }));
    assert.equal((await cut).code, 'PORT_LOST');
  });

  test('property: whatever is lost, twice, late or out of order, what arrives is the image', async () => {
    const scenario = fc.record({
      seed: fc.nat(),
      length: fc.integer({ min: 1, max: 6000 }),
      window: fc.integer({ min: 1, max: 6 }),
      lose: fc.integer({ min: 0, max: 200 }),
      duplicate: fc.integer({ min: 0, max: 300 }),
      lateMs: fc.integer({ min: 0, max: 150 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ seed, length, window, ...faults }) => {
        const image = imageOf(length);
        const { device, run } = worldOf(image, undefined, { ...faults, random: new SeededRandom(seed) });
        await run({ window, isComplete: async () => device.finished > 0 });
        assert.deepEqual(device.whole, image);
      }),
      { numRuns: 150 },
    );
  });
});
