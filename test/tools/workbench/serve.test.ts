// The server gives out the built page and nothing else, under a policy that keeps dropped files in the browser.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { MinerError } from '../../../edge/errors/index.ts';
import { serveWorkbench } from '../../../tools/workbench/index.ts';

const parent = mkdtempSync(path.join(tmpdir(), 'workbench-'));
const folder = path.join(parent, 'page');
mkdirSync(path.join(folder, 'assets'), { recursive: true });
writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>desk</title>');
writeFileSync(path.join(folder, 'assets/desk.js'), 'export {};');
writeFileSync(path.join(parent, 'secret'), 'not for you');
const server = await serveWorkbench({ folder });
after(async () => {
  await server.close();
  rmSync(parent, { recursive: true });
});

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** As it stands: fetch would tidy the path up first. */
function get(target: string, method = 'GET'): Promise<Answer> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: target, method }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    });
    sent.on('error', reject).end();
  });
}

const answers: [string, string, number, string | undefined][] = [
  ['the page', '/', 200, 'text/html; charset=utf-8'],
  ['the page with a query', '/?from=demo', 200, 'text/html; charset=utf-8'],
  ['a script', '/assets/desk.js', 200, 'text/javascript; charset=utf-8'],
  ['a folder', '/assets', 404, undefined],
  ['a file above', '/../secret', 404, undefined],
  ['a file above, encoded', '/%2e%2e/secret', 404, undefined],
  ['a file above, with backslashes', '/..\\secret', 404, undefined],
  ['a file above, from within', '/assets/../../secret', 404, undefined],
  ['a whole path', path.join(parent, 'secret'), 404, undefined],
  ['a property of every object', '/__proto__', 404, undefined],
];
for (const [name, target, status, type] of answers) {
  test(`${status} for ${name}`, async () => {
    const answer = await get(target);
    assert.equal(answer.status, status);
    if (type) assert.equal(answer.headers['content-type'], type);
    assert.doesNotMatch(answer.body, /not for you/);
  });
}

test('the policy forbids eval and every connection', async () => {
  const policy = String((await get('/')).headers['content-security-policy']);
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /connect-src 'none'/);
  assert.doesNotMatch(policy, /'unsafe-eval'|unsafe-inline|https?:/);
});

test('HEAD has no body, and nothing can be posted', async () => {
  assert.deepEqual([(await get('/', 'HEAD')).status, (await get('/', 'HEAD')).body], [200, '']);
  assert.equal((await get('/', 'POST')).status, 405);
});

test('a taken port and a missing page say so', async () => {
  const { port } = new URL(server.url);
  const withCode = (code: string) => (problem: unknown) => problem instanceof MinerError && problem.code === code;
  await assert.rejects(serveWorkbench({ folder, port: Number(port) }), withCode('WORKBENCH_PORT'));
  await assert.rejects(serveWorkbench({ folder: parent }), withCode('WORKBENCH_NOT_BUILT'));
});
