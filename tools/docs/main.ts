/** `npm run docs`: writes the pages of docs/ that are drawn from the code. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';
import { errorsPage } from './errors-page.ts';

writeFileSync(path.join(packageRoot, 'docs/errors.md'), errorsPage());
