/** Images, devices in processes of their own, and the command in this one. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  buildManifestBody,
  imageSigner,
  type ManifestFault,
  modelIdOf,
  parseImageVersion,
  signImage,
  subjectPublicKeyInfo,
} from '../../../edge/firmware/index.ts';
import { toHex } from '../../../edge/pack/index.ts';
import { openPty } from '../../../edge/transport/node.ts';
import { registerFlash } from '../../../tools/cli/commands/flash.ts';
import { registerImage } from '../../../tools/cli/commands/image.ts';
import { type Ran, runRegistered } from '../support/run-command.ts';
import type { DeviceAddresses, DeviceConfiguration } from './device.ts';

export const skipWithoutPty = await openPty().then(
  async ({ transport }) => {
    await transport.close();
    return false as const;
  },
  (problem: Error) => problem.message,
);

export const folder = mkdtempSync(path.join(os.tmpdir(), 'flash-'));
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

export const inFolder = (name: string): string => path.join(folder, name);

export const maker = imageSigner('ed25519', new Uint8Array(32).fill(7));
export const stranger = imageSigner('ed25519', new Uint8Array(32).fill(8));

export interface TestImage {
  path: string;
  bytes: Uint8Array;
}

/** Writes a signed image. */
export function makeImage(
  version: string,
  options: { size?: number; fault?: ManifestFault; signer?: typeof maker; securityCounter?: number } = {},
): TestImage {
  const { size = 30_000, fault, signer = maker, securityCounter = 1 } = options;
  const model = modelIdOf('bench-miner');
  const body = buildManifestBody({ version, model, decoders: [], settings: {}, ...(fault && { fault }) }, size);
  const bytes = signImage({ body, version: parseImageVersion(version), headerLength: 0x200, securityCounter }, signer);
  const file = inFolder(`${version}${fault ? `-${fault}` : ''}${signer === maker ? '' : '-stranger'}-${size}.bin`);
  writeFileSync(file, bytes);
  return { path: file, bytes };
}

export const publicKeyFile = inFolder('maker.pub.pem');
const base64 = Buffer.from(subjectPublicKeyInfo(maker.publicKey)).toString('base64');
writeFileSync(publicKeyFile, `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`);

export interface TestDevice extends DeviceAddresses {
  child: ChildProcess;
  /** Resolves once the process is gone. */
  ended: Promise<void>;
  /** As pulling the plug. */
  kill(): Promise<void>;
}

let devices = 0;

/** Starts one that runs `image` from the beginning, or what its flash holds. */
export async function startDevice(
  options: Partial<DeviceConfiguration> & { first?: TestImage } = {},
): Promise<TestDevice> {
  const { first, ...given } = options;
  const configuration: DeviceConfiguration = {
    flash: inFolder(`device-${devices++}.flash`),
    publicKey: toHex(maker.publicKey),
    ...(first && { image: toHex(first.bytes) }),
    ...given,
  };
  const script = fileURLToPath(new URL('device.ts', import.meta.url));
  const child = fork(script, [JSON.stringify(configuration)], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  running.add(child);
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      running.delete(child);
      resolve();
    }),
  );
  const addresses = await new Promise<DeviceAddresses>((resolve, reject) => {
    child.once('message', (message) => resolve(message as DeviceAddresses));
    child.once('exit', (code) => reject(new Error(`the device ended with ${code}`)));
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { ...addresses, child, ended, kill };
}

/** Runs `miner flash` or `miner image` in this process. */
export const runCommand = (args: readonly string[]): Promise<Ran> =>
  runRegistered([registerFlash, registerImage], args);

export const flash = (...args: string[]): Promise<Ran> => runCommand(['flash', ...args]);

/** The events of `--json`. */
// biome-ignore lint/suspicious/noExplicitAny: each test looks at its own fields
export const eventsOf = ({ stdout }: Ran): any[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
