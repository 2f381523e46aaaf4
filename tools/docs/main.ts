/** `npm run docs`: writes the pages of docs/, and parts of pages, that are drawn from the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';
import { drawContractsPage } from './contracts-page.ts';
import { errorsPage } from './errors-page.ts';

const page = (name: string) => path.join(packageRoot, 'docs', name);
writeFileSync(page('errors.md'), errorsPage());
writeFileSync(page('contracts.md'), drawContractsPage(readFileSync(page('contracts.md'), 'utf8')));
