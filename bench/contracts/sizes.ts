/** Sizes of the contracts that are deployed. */
import { readFileSync } from 'node:fs';
import { artifactPath } from '../../tools/deploy/artifacts.ts';
import { artifactNames } from '../../tools/deploy/index.ts';
import type { SizeRow } from './figures.ts';

export function contractSizes(): SizeRow[] {
  return artifactNames.map((name) => {
    const { deployedBytecode } = JSON.parse(readFileSync(artifactPath(name), 'utf8')) as { deployedBytecode: string };
    return { name, bytes: deployedBytecode.length / 2 - 1 };
  });
}
