/** Builds the page in a checkout; an installed package contains it. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';
import { workbenchFolder } from './serve.ts';

const configFile = path.join(packageRoot, 'tools/workbench/vite.config.ts');
/** What the page is made from. */
const sourceFolders = ['tools/workbench', 'edge'].map((folder) => path.join(packageRoot, folder));

/** Whether the page has to be built: only in a checkout, where it is missing or older than its sources. */
export function isWorkbenchStale(): boolean {
  if (!existsSync(configFile)) return false;
  const page = path.join(workbenchFolder, 'index.html');
  if (!existsSync(page)) return true;
  const builtMs = statSync(page).mtimeMs;
  return sourceFolders.some((folder) => newestMs(folder) > builtMs);
}

function newestMs(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => statSync(path.join(entry.parentPath, entry.name)).mtimeMs));
}

/** Runs Vite, quietly. Works in a checkout with its development dependencies. */
export async function buildWorkbench(): Promise<void> {
  const { build } = await import('vite');
  await build({ configFile, logLevel: 'warn' });
}
