/** The asking side of SMP: what it makes of a real server's answers, of silence, of strays, and of refusals. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { edgeError, MinerError } from '../../../edge/errors/index.ts';
import { type CborValue, concatBytes, encodeCbor } from '../../../edge/pack/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import {
  decodeSmp,
  downloadFile,
  echo,
  encodeSmp,
  ifSupported,
  listStatistics,
  readBuffers,
  readDateTime,
  readImageState,
  readInfo,
  readSetting,
  readSlotInfo,
  readStatistics,
  reset,
  SmpClient,
  SmpOp,
  serialLink,
  uploadImage,
  writeImageState,
} from '../../../edge/smp/index.ts';
import { memoryPair } from '../../../edge/transport/index.ts';
import { skipWithout } from '../../shared.ts';
import { type Script, scriptedWorld, settled } from './client-device.ts';
import { capturedExchanges, vectorsPath } from './vectors.ts';

const rc = (code: number) => new Map([['rc', code]]);

function clientOf(script: Script, options: Partial<ConstructorParameters<typeof SmpClient>[0]> = {}) {
  const { clock, link } = scriptedWorld(script);
  const client = new SmpClient({ link, clock, timeoutMs: 100, attempts: 3, ...options });
  return { clock, link, client };
}

const failure = async (promise: Promise<unknown>): Promise<MinerError> => {
  const problem = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(problem instanceof MinerError, String(problem));
  return problem;
};

describe("a real server's captured answers", { skip: skipWithout(vectorsPath) }, () => {
  /** Plays the captured lines to whatever is asked, and holds the request against the captured one. */
  async function replayed<Value>(name: string, ask: (client: SmpClient) => Promise<Value>): Promise<Value> {
    const exchange = capturedExchanges().find((candidate) => candidate.name === name)!;
    const expected = decodeSmp(exchange.request)!;
    const [here, there] = memoryPair();
    const clock = new VirtualClock();
    const requests: Uint8Array[] = [];
    const device = serialLink(there, { clock });
    device.onMessage((message) => {
      requests.push(message.slice());
      for (const line of exchange.responseLines) there.write(concatBytes(line, Uint8Array.of(0x0a)));
    });
    const client = new SmpClient({
      link: serialLink(here, { clock }),
      clock,
      version: expected.version as 1 | 2,
      firstSequence: expected.sequence,
    });
    const answer = await settled(clock, ask(client)).finally(() => client.close());
    assert.deepEqual(requests, [exchange.request]);
    return answer;
  }

  const answered: [string, (client: SmpClient) => Promise<unknown>, unknown][] = [
    ['echo', (client) => echo(client, 'hello'), 'hello'],
    ['echo v1', (client) => echo(client, 'hello'), 'hello'],
    ['params', (client) => readBuffers(client), { bytes: 384, count: 4 }],
    ['reset', (client) => reset(client), undefined],
    ['bootinfo', (client) => ifSupported(client.ask({ op: 0, group: 0, command: 8, name: 'boot loader' })), undefined],
    ['datetime', (client) => ifSupported(readDateTime(client)), undefined],
    ['img state', (client) => ifSupported(readImageState(client)), undefined],
    [
      'osinfo a',
      (client) => readInfo(client),
      'Zephyr unknown 684c9e8f32e4 4.4.0 Wed Jun  3 22:19:37 2026 posix x86 native_sim/native Zephyr',
    ],
  ];
  for (const [name, ask, expected] of answered) {
    test(`${name}: asked byte for byte as captured, and understood`, async () => {
      assert.deepEqual(await replayed(name, ask), expected);
    });
  }

  const refused: [string, (client: SmpClient) => Promise<unknown>, string][] = [
    ['osinfo bad v2', (client) => readInfo(client, 'z'), 'OS_MGMT_ERR_INVALID_FORMAT'],
    ['osinfo bad v1', (client) => readInfo(client, 'z'), 'MGMT_ERR_EINVAL'],
    ['unknown group', (client) => client.ask({ op: 0, group: 77, command: 0, name: 'nothing' }), 'MGMT_ERR_ENOTSUP'],
    ['unknown group v1', (client) => client.ask({ op: 0, group: 77, command: 0, name: 'nothing' }), 'MGMT_ERR_ENOTSUP'],
    ['unknown cmd', (client) => client.ask({ op: 0, group: 0, command: 99, name: 'nothing' }), 'MGMT_ERR_ENOTSUP'],
  ];
  for (const [name, ask, expected] of refused) {
    test(`${name}: refused as ${expected}`, async () => {
      const problem = await failure(replayed(name, ask));
      assert.deepEqual([problem.code, problem.facts.name], ['SMP_REFUSED', expected]);
    });
  }
});

describe('requests and answers', () => {
  test('a silent device is asked again under the same sequence number, each time twice as long, then given up', async () => {
    const { clock, link, client } = clientOf(() => undefined);
    const problem = await failure(settled(clock, echo(client, 'hello')));
    assert.equal(problem.code, 'SMP_NO_ANSWER');
    assert.deepEqual([problem.facts.attempts, problem.facts.waitedMs, problem.exitCode], [3, 700, 3]);
    assert.deepEqual(
      link.sent.map(({ sequence }) => sequence),
      [0, 0, 0],
    );
  });

  test('an answer to the first of three requests answers them all, and the later ones are strays', async () => {
    let asked = 0;
    const { clock, link, client } = clientOf((_, body) => (++asked < 2 ? undefined : new Map([['r', body.get('d')!]])));
    assert.equal(await settled(clock, echo(client, 'hello')), 'hello');
    link.push(encodeSmp({ ...link.sent[0], op: 3, body: encodeCbor(new Map([['r', 'late']])) }));
    assert.deepEqual(client.counters, { sent: 1, repeated: 1, answered: 1, strays: 1 });
  });

  test('answers with another sequence number, group, command or operation are strays', async () => {
    const { clock, link, client } = clientOf(() => new Map([['r', 'right']]));
    const asked = echo(client, 'hello');
    const right = { ...link.sent[0], op: 3 as const, body: encodeCbor(new Map([['r', 'wrong']])) };
    for (const wrong of [{ sequence: 9 }, { group: 1 }, { command: 1 }, { op: 1 as const }]) {
      link.push(encodeSmp({ ...right, ...wrong }));
    }
    link.push(encodeSmp(right).subarray(0, 9));
    assert.equal(await settled(clock, asked), 'right');
    assert.equal(client.counters.strays, 5);
  });

  test('sequence numbers go round, past those that still wait', async () => {
    const { clock, link, client } = clientOf(({ sequence }) => (sequence === 255 ? undefined : new Map([['r', 'x']])), {
      firstSequence: 255,
    });
    const waits = client.begin({ op: SmpOp.write, group: 0, command: 0, name: 'echo', attempts: 1e9 });
    for (let i = 0; i < 256; i++) await settled(clock, echo(client, 'x'));
    const sequences = link.sent.filter(({ body }) => body.length > 1).map(({ sequence }) => sequence);
    assert.deepEqual(sequences, [...Array(255).keys(), 0]);
    waits.abandon();
  });

  test('a device that finds version 2 too new is asked with version 1 from then on', async () => {
    const { clock, link, client } = clientOf(({ version }) => (version === 2 ? rc(13) : new Map([['r', 'old']])));
    assert.equal(await settled(clock, echo(client, 'hello')), 'old');
    assert.equal(await settled(clock, echo(client, 'hello')), 'old');
    assert.deepEqual(
      link.sent.map(({ version }) => version),
      [2, 1, 1],
    );
  });

  test('what is no CBOR map is no answer; when nothing else comes it is told', async () => {
    const { clock, link, client } = clientOf(() => undefined);
    const asked = echo(client, 'hello');
    const answer = () => link.push(encodeSmp({ ...link.sent[0], op: 3, body: Uint8Array.of(0xbf, 0x61) }));
    answer();
    clock.advance(300);
    answer();
    assert.equal((await failure(settled(clock, asked))).code, 'SMP_ANSWER');
  });

  test('the end of the link ends every request, and those after it', async () => {
    const { clock, link, client } = clientOf(() => undefined);
    const asked = [failure(echo(client, 'a')), failure(echo(client, 'b'))];
    await link.close(edgeError('PORT_LOST', { port: 'device', reason: 'unplugged' }));
    asked.push(failure(echo(client, 'c')));
    for (const problem of await Promise.all(asked)) assert.equal(problem.code, 'PORT_LOST');
    // Only what was under way on the line.
    clock.advance(1);
    assert.equal(clock.pending, 0);
  });

  test('text on the console passes by, between messages', async () => {
    const [here, there] = memoryPair();
    const clock = new VirtualClock();
    let printed = '';
    const link = serialLink(here, { clock, onText: (text) => (printed += Buffer.from(text).toString()) });
    const device = serialLink(there, { clock });
    device.onMessage((message) => {
      const request = decodeSmp(message)!;
      there.write(Buffer.from('[00:00:01] booted\n'));
      device.send(encodeSmp({ ...request, op: 3, body: encodeCbor(new Map([['r', 'x'.repeat(300)]])) }));
      there.write(Buffer.from('uart:~$ '));
    });
    const client = new SmpClient({ link, clock });
    assert.equal(await settled(clock, echo(client, 'hello')), 'x'.repeat(300));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(printed, '[00:00:01] booted\nuart:~$ ');
  });

  test('a pause before each continuation line, for devices that need it', async () => {
    const [here, there] = memoryPair();
    const clock = new VirtualClock();
    const lines: [number, number][] = [];
    there.onData((bytes) => lines.push([clock.nowMs(), bytes[0]]));
    const link = serialLink(here, { clock, linePauseMs: 20 });
    await settled(clock, Promise.all([link.send(new Uint8Array(200)), link.send(new Uint8Array(10))]));
    assert.deepEqual(lines, [
      [0, 6],
      [20, 4],
      [40, 4],
      [40, 6],
    ]);
  });

  test('the time a slow line takes is waited for before anything is repeated', async () => {
    const clock = new VirtualClock();
    const [here] = memoryPair();
    const link = serialLink(here, { clock, baudRate: 9600 });
    // 4,104 bytes with length and checksum are 45 lines: 5,612 bytes of 10 bits each.
    assert.ok(Math.abs(link.wireMs(4100) - 5846) < 10, String(link.wireMs(4100)));
  });
});

describe('refusals', () => {
  test('a refusal says what was refused, by whom, with the standard name, and what to do', async () => {
    const { clock, client } = clientOf(
      () =>
        new Map([
          [
            'err',
            new Map([
              ['group', 1],
              ['rc', 9],
            ]),
          ],
        ]),
    );
    const problem = await failure(settled(clock, writeImageState(client, { confirm: true })));
    assert.equal(problem.message, 'device: confirming the image was refused: IMG_MGMT_ERR_NO_FREE_SLOT (rc 9)');
    assert.match(problem.hint, /^the slot is busy: /);
    assert.equal(problem.exitCode, 1);
  });

  test('rc 0 is no refusal, in either form', async () => {
    for (const extra of [
      ['rc', 0],
      [
        'err',
        new Map([
          ['group', 0],
          ['rc', 0],
        ]),
      ],
    ] as const) {
      const { clock, client } = clientOf(() => new Map([['r', 'fine'], extra] as [string, string][]));
      assert.equal(await settled(clock, echo(client, 'x')), 'fine');
    }
  });
});

describe('whatever a device answers', () => {
  const names = [
    'images',
    'slots',
    'slot',
    'image',
    'version',
    'hash',
    'active',
    'size',
    'off',
    'data',
    'len',
    'match',
  ];
  const more = ['r', 'rc', 'err', 'group', 'buf_size', 'buf_count', 'fields', 'stat_list', 'val', 'datetime', 'output'];
  const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.integer({ min: -3, max: 5000 }),
      fc.string({ maxLength: 5 }),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc
        .uniqueArray(fc.tuple(fc.constantFrom(...names, ...more), tie('value')), {
          maxLength: 6,
          selector: ([key]) => key,
        })
        .map((entries) => new Map(entries)),
    ),
  }));
  const body = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names, ...more), value), { maxLength: 6, selector: ([key]) => key })
    .map((entries) => new Map(entries));
  const asks: [string, (client: SmpClient) => Promise<unknown>][] = [
    ['state', (client) => readImageState(client)],
    ['slot info', (client) => readSlotInfo(client)],
    ['buffers', (client) => readBuffers(client)],
    ['statistics', (client) => readStatistics(client, 'can')],
    ['list of statistics', (client) => listStatistics(client)],
    ['setting', (client) => readSetting(client, 'x')],
    ['date and time', (client) => readDateTime(client)],
    ['upload', (client) => uploadImage(client, { image: new Uint8Array(1000), messageBytesMax: 400, window: 2 })],
    ['download', (client) => downloadFile(client, { path: '/log/x', bytesMax: 10_000 })],
  ];
  for (const [name, ask] of asks) {
    test(`${name}: an answer of the right form, or our error`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 4 }), async (bodies) => {
          let asked = 0;
          const { clock, client } = clientOf(() => bodies[asked++ % bodies.length]);
          await settled(clock, ask(client)).catch((problem) => {
            if (!(problem instanceof MinerError)) throw problem;
          });
        }),
        { numRuns: 60 },
      );
    });
  }
});

describe('answers whose fields are wrong', () => {
  const hash = new Uint8Array(32);
  const wrong: [string, (client: SmpClient) => Promise<unknown>, Map<string, unknown>, RegExp][] = [
    ['echo without text', (c) => echo(c, 'x'), new Map(), /it has no r$/],
    ['echo of a number', (c) => echo(c, 'x'), new Map([['r', 5]]), /its r is of another type$/],
    ['parameters without a count', (c) => readBuffers(c), new Map([['buf_size', 400]]), /it has no buf_count$/],
    [
      'a state that is no list',
      (c) => readImageState(c),
      new Map([['images', 'none']]),
      /its images is of another type$/,
    ],
    ['a state of numbers', (c) => readImageState(c), new Map([['images', [1]]]), /its images are no maps$/],
    [
      'a slot without a number',
      (c) => readImageState(c),
      new Map([['images', [new Map([['hash', hash]])]]]),
      /it has no slot$/,
    ],
    ['slots without a list', (c) => readSlotInfo(c), new Map([['images', [new Map()]]]), /it has no slots$/],
    ['statistics without fields', (c) => readStatistics(c, 'can'), new Map([['name', 'can']]), /it has no fields$/],
  ];
  for (const [name, ask, body, message] of wrong) {
    test(`${name}: told, with what is wrong`, async () => {
      const { clock, client } = clientOf(() => body as Map<string, never>);
      const problem = await failure(settled(clock, ask(client)));
      assert.equal(problem.code, 'SMP_ANSWER');
      assert.match(problem.message, message);
    });
  }
});
