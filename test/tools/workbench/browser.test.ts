// The page in a real browser: the same hashes, counts and values as in Node, by keyboard alone and on a phone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { labelAt, physicalAt } from '../../../edge/decode/index.ts';
import { identifyDecoder } from '../../../tools/decoder.ts';
import {
  buildWorkbench,
  isWorkbenchStale,
  serveWorkbench,
  type WorkbenchServer,
} from '../../../tools/workbench/index.ts';
import { readDecoder } from '../../../tools/workbench/src/analysis/read-decoder.ts';
import { readLog } from '../../../tools/workbench/src/analysis/read-log.ts';
import { Tally } from '../../../tools/workbench/src/analysis/tally.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { carDbc, driveLog, namedFile } from './drive.ts';

const skip = skipWithoutProgram('chromium');
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
const chromiumArguments = [...quiet, '--disable-background-networking', '--disable-component-update'];

let browser: Browser | undefined;
let server: WorkbenchServer | undefined;
if (!skip) {
  if (isWorkbenchStale()) await buildWorkbench();
  const { chromium } = await import('playwright-core');
  server = await serveWorkbench();
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: chromiumArguments });
}
after(async () => {
  await browser?.close();
  await server?.close();
});

const logText = driveLog(4000);
const upload = (name: string, content: string | Uint8Array) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content as Uint8Array),
});

/** A fresh page; what it logs or throws fails the test that closes it. */
async function openDesk(width = 1280): Promise<{ page: Page; close: () => Promise<void> }> {
  const page = await browser!.newPage({ viewport: { width, height: 900 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!/^(data:|blob:)/.test(request.url()) && !request.url().startsWith(server!.url)) complaints.push(request.url());
  });
  await page.goto(server!.url);
  const close = async () => {
    await page.close();
    assert.deepEqual(complaints, []);
  };
  return { page, close };
}

async function dropCarAndDrive(page: Page): Promise<void> {
  await page.setInputFiles('#dbc-file', upload('electric-car.dbc', carDbc));
  await page.setInputFiles('#log-file', upload('drive.log', logText));
  await page.waitForSelector('.curve');
}

test('hashes, accounts and last values are those of Node', { skip }, async () => {
  const { page, close } = await openDesk();
  await dropCarAndDrive(page);
  const { contentHash, semanticHash, moduleHash, diagnostics } = identifyDecoder(carDbc);
  for (const [name, hash] of Object.entries({ contentHash, semanticHash, moduleHash })) {
    assert.equal(await page.textContent(`[data-hash=${name}]`), hash);
  }
  assert.equal(await page.locator('.diagnostics [class*=is-] .severity').count(), diagnostics.length);

  const car = readDecoder('electric-car.dbc', carDbc);
  const tally = new Tally(car.decoder);
  for (const batch of (await readLog(namedFile('drive.log', logText)))!.batches) tally.add(batch);
  const expected = tally.finish();
  const account = async (name: string) =>
    parseInt((await page.textContent(`[data-account="${name}"]`))!.replace(/,/g, ''), 10);
  assert.equal(await account('decoded'), expected.frames.decoded);
  assert.equal(await account('not in the DBC'), 2);
  assert.equal(await account('remote'), 1);
  assert.equal(await account('malformed'), 1);

  for (const name of ['VehicleMode', 'BatteryPack', 'BatteryCellVoltages', 'WheelSpeeds']) {
    await page.getByRole('button', { name, exact: true }).click();
    const message = car.plan.messages.find((candidate) => candidate.name === name)!;
    await page.waitForSelector(`[data-signal="${message.signals[0].name}"]`);
    for (const { name: signal, signalIndex } of message.signals) {
      const shown = await page.getAttribute(`[data-signal="${signal}"] [data-last]`, 'data-last');
      assert.equal(shown, String(expected.signals[signalIndex].last?.value), `${name}.${signal}`);
    }
  }
  await close();
});

test('a label stands beside its value', { skip }, async () => {
  const { page, close } = await openDesk();
  await dropCarAndDrive(page);
  await page.getByRole('button', { name: 'VehicleMode', exact: true }).click();
  const { decoder, plan } = readDecoder('electric-car.dbc', carDbc);
  const lastLine = logText.split('\n').findLast((line) => / 065#[0-9A-F]/.test(line))!;
  const data = Uint8Array.from(Buffer.from(lastLine.split('#')[1], 'hex'));
  const message = decoder.decode(0x65, 0, data, 0, data.length)!;
  const gear = plan.signals.find(({ name }) => name === 'GearSelector')!;
  assert.equal(message.name, 'VehicleMode');
  const row = await page.textContent('[data-signal=GearSelector]');
  assert.match(row!, new RegExp(`${physicalAt(decoder, gear)}.*${labelAt(decoder, gear)}`));
  await close();
});

test('files dropped anywhere are taken, in one go', { skip }, async () => {
  const { page, close } = await openDesk();
  const transfer = await page.evaluateHandle(
    ([dbc, log]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(dbc as number[])], 'CAR.DBC'));
      data.items.add(new File([log as string], 'drive.log'));
      return data;
    },
    [[...carDbc], logText],
  );
  await page.dispatchEvent('h1', 'dragover', { dataTransfer: transfer });
  await page.dispatchEvent('h1', 'drop', { dataTransfer: transfer });
  await page.waitForSelector('.curve');
  assert.equal(await page.textContent('#decoder-title'), 'CAR.DBC');
  await close();
});

test('a broken DBC is located; a mended copy opens where the last one stood', { skip }, async () => {
  const { page, close } = await openDesk();
  await dropCarAndDrive(page);
  await page.getByRole('button', { name: 'BatteryPack', exact: true }).click();
  await page.getByRole('button', { name: /BatteryCurrent$/ }).click();
  const broken = Buffer.from(carDbc).toString('latin1').replace('(0.1,0) [-400|400]', '(0.1 [-400|400]');
  await page.setInputFiles('#dbc-file', upload('broken.dbc', Buffer.from(broken, 'latin1')));
  await page.waitForSelector('.diagnostics .is-error');
  const [first] = identifyDecoder(Buffer.from(broken, 'latin1')).diagnostics;
  assert.match(
    (await page.textContent('.diagnostics .is-error'))!,
    new RegExp(`^${first.line}:${first.column}.*${first.code}`),
  );
  assert.match((await page.textContent('#detail-title'))!, /^BatteryPack/);
  assert.equal(await page.textContent('.plot strong'), 'BatteryCurrent');
  await close();
});

test('a file that is no log says so, with a remedy, and the next one is read', { skip }, async () => {
  const { page, close } = await openDesk();
  await page.setInputFiles('#log-file', upload('drive.mf4', 'MDF     4.10'));
  await page.waitForSelector('.failure strong');
  assert.match((await page.textContent('#log-file-about'))!, /drive\.mf4: not a known log format.*To do: /s);
  await dropCarAndDrive(page);
  assert.equal(await page.textContent('#log-file-about'), '');
  await close();
});

test('everything is reached and named by keyboard alone', { skip }, async () => {
  const { page, close } = await openDesk();
  await dropCarAndDrive(page);
  const reached = new Set<string>();
  await page.evaluate(() => document.body.focus());
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press('Tab');
    reached.add(
      await page.evaluate(() => {
        const at = document.activeElement as HTMLInputElement;
        const label = at.labels?.[0]?.textContent ?? at.getAttribute('aria-label') ?? at.textContent;
        return `${at.tagName}: ${label?.trim()}`;
      }),
    );
  }
  for (const expected of [
    'INPUT: Decoderelectric-car.dbc',
    'INPUT: Logdrive.log',
    'INPUT: Filter by message, signal or id',
    'BUTTON: WheelSpeeds',
    'BUTTON: AMotorTorqueActual',
  ]) {
    assert.ok(reached.has(expected), `${expected} is not among ${[...reached].join('\n')}`);
  }
  await page.getByRole('slider').focus();
  await page.keyboard.press('End');
  const last = await page.getByRole('slider').getAttribute('aria-valuetext');
  await page.keyboard.press('ArrowLeft');
  assert.match(last!, /^\d+\.\d{3} s: -?[\d.]+ /);
  assert.notEqual(await page.getByRole('slider').getAttribute('aria-valuetext'), last);
  await page.getByRole('searchbox').fill('celltemp');
  assert.equal(await page.locator('.messages tbody tr').count(), 1);
  await close();
});

test('at 360 px nothing sticks out', { skip }, async () => {
  const { page, close } = await openDesk(360);
  await dropCarAndDrive(page);
  await page.getByRole('button', { name: 'BatteryCellVoltages', exact: true }).click();
  await page.waitForSelector('.selectors select');
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 360);
  await close();
});

test('`miner workbench` tells where it serves, and ends cleanly when asked to', async () => {
  const main = fileURLToPath(new URL('../../../tools/cli/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, 'workbench', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  const response = await fetch(JSON.parse(line).url);
  assert.match(await response.text(), /<title>Decoder desk/);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
