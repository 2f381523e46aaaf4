// The guides for decoder authors and makers: every command in them is run, in order, and does what the guide says.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { bytesToHex } from 'viem';
import { eventsOf, readFrom, readLicence } from '../../../tools/applicants/index.ts';
import { readOrMakeKey } from '../../../tools/cli/data-folder.ts';
import { electricCar } from '../cli/miner-process.ts';
import { type ApplicantsWorld, applicantsWorld } from './applicants-world.ts';
import { guideCommands, guideText } from './guide-commands.ts';

let world: ApplicantsWorld;
before(async () => {
  world = await applicantsWorld();
});
after(() => world[Symbol.asyncDispose]());

/** Runs the guide's next commands, up to and with the one that begins with these words. */
function walk(commands: string[][]) {
  return async (...until: string[]) => {
    for (;;) {
      const words = commands.shift();
      assert.ok(words, `the guide has no ${until.join(' ')} any more`);
      const ran = await world.miner(...words);
      assert.equal(ran.code, 0, `miner ${words.join(' ')}\n${ran.stdout}${ran.stderr}`);
      if (until.every((word, at) => words[at] === word)) return ran.stdout;
    }
  };
}

/** The number under which the next proposal is listed. */
const nextId = async () => `${(await eventsOf(world, 'DimoGovernor', 'ProposalCreated')).length + 1}`;

const token = 10n ** 18n;
const manifest = {
  id: 'acme.roadster.main',
  version: '1.0.0',
  license: 'Apache-2.0',
  platform: { make: 'Acme', model: 'Roadster', years: [2024, 2026], bus: 'main', bitRate: 500_000 },
};

test('the guide for decoder authors leads from a file to a paid bounty, and to the next version', async () => {
  const author = world.actors.author.address;
  assert.ok(guideText('guide-contributor.md').includes(author));
  cpSync(electricCar, 'car.dbc');
  writeFileSync('drive.log', '(1.000000) can0 1A0#0011223344556677\n(1.010000) can0 1A0#7766554433221100\n');
  const commands = guideCommands('guide-contributor.md', { ID: await nextId() });
  const go = walk(commands);

  await go('dbc', 'package', 'init');
  const made = readFileSync('my-car/golden.jsonl');
  await world.miner('dbc', 'golden', 'car.dbc', 'drive.log', '-o', 'my-car/golden.jsonl');
  commands.shift();
  writeFileSync('my-car/golden.jsonl', made);
  writeFileSync('my-car/manifest.json', JSON.stringify({ ...manifest, author }));
  await go('dbc', 'package', 'build');
  // Funded by a holder, whose account the command takes by itself.
  assert.match(await go('bounty', 'show'), /would pay 500 DIMO now\nround 1: 500 DIMO, open until/);
  await go('bounty', 'reveal');
  assert.match(
    await go('dip', 'new', 'decoder'),
    /gate passed: \d+ golden frames, interpreter, per-frame, wasm, batch/,
  );
  await go('dip', 'consent');
  const balance = () => readFrom<bigint>(world, 'DimoToken', 'balanceOf', [author]);
  const poor = await balance();
  assert.match(await go('dip', 'execute'), /executed/);
  assert.equal((await balance()) - poor, 500n * token);
  assert.match(await go('bounty', 'show'), /would pay 0 DIMO now\nround 1: 500 DIMO, awarded/);

  cpSync('my-car', 'my-car-2', { recursive: true });
  const changed = readFileSync('car.dbc', 'latin1').replace(/\nBA_ /, '\nCM_ "second version";\nBA_ ');
  writeFileSync(
    'my-car-2/decoder.dbc',
    changed === readFileSync('car.dbc', 'latin1') ? `${changed}\n` : changed,
    'latin1',
  );
  writeFileSync('my-car-2/manifest.json', JSON.stringify({ ...manifest, version: '1.0.1', author }));
  await go('dip', 'new', 'decoder');
  assert.deepEqual(commands, []);
  const second = readFileSync('my-car-2.md', 'utf8');
  assert.match(second, /every value comes out as before/);
  await world.vote(second);
  const report = JSON.parse(readFileSync('my-car-2.gate.json', 'utf8'));
  const info = await readFrom<{ status: number; successor: string }>(world, 'DecoderRegistry', 'decoderOf', [
    `0x${report.replaces.contentHash}`,
  ]);
  assert.deepEqual([info.status, info.successor], [2, `0x${report.decoder.contentHash}`]);
});

test('the guide for makers leads from a licence to enrolled devices, and to its end', async () => {
  const { actors } = world;
  const [owner] = actors.holders;
  const device = readOrMakeKey('device.key');
  const values = {
    OWNER: owner!.address,
    SIGNER: actors.maker.address,
    DRIVER: actors.driver.address,
    ID: await nextId(),
  };
  for (const name of ['OWNER', 'SIGNER', 'DRIVER'] as const) {
    assert.match(guideText('guide-maker.md'), new RegExp(`^\\| \`${name}\` \\| \\d \\| \`${values[name]}\` \\|$`, 'm'));
  }
  const go = walk(guideCommands('guide-maker.md', values));
  writeFileSync('report.json', '{"passed":true}');
  const [, list] = /^```csv\n(.*?)^```$/ms.exec(guideText('guide-maker.md'))!;
  writeFileSync('devices.csv', list!.replace('KEY', bytesToHex(device.signer.publicKey)));

  await go('dip', 'new', 'licence');
  await go('dip', 'execute');
  await go('licence', 'show');
  assert.match(await go('licence', 'post-bond'), /^posted: 100,000 DIMO paid; licence 2 is active/);
  assert.match(await go('licence', 'show', '2'), /100,000 of 100,000 DIMO/);
  assert.match(await go('licence', 'set-signer'), /^set before: /);
  assert.match(await go('enrol', 'batch'), /^1 devices of model box-2 under root 0x/);
  await go('enrol', 'post');
  assert.match(
    await go('enrol', 'one'),
    new RegExp(`^enrolled: ${device.account.address} under licence 2, owner ${values.DRIVER}`),
  );
  await go('enrol', '--key');
  const again = await world.miner('enrol', '--key', 'other.key', '--licence', '2', '--owner', values.OWNER);
  assert.match(again.stdout, new RegExp(`^enrolled before: 0x.* owner ${values.DRIVER}`));
  assert.equal((await readLicence(world, 2n)).fleet, 2);
  assert.match(await go('licence', 'exit'), /^licence 2 is exiting until /);
});
