import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json: from a checkout's `tools/`, or from a package's `dist/tools/`. */
export const packageRoot = (() => {
  const above = fileURLToPath(new URL('..', import.meta.url));
  return existsSync(path.join(above, 'package.json')) ? above : path.dirname(path.resolve(above));
})();
