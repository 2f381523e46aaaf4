import type { Deployment } from '../../../deploy/index.ts';
import type { Dip } from '../../../dip/index.ts';

/**
 * A DIP file as the proposal that it makes on a deployment.
 * @throws {MinerError} FILE_UNREADABLE, DIP_FILE
 */
export async function readDip(file: string, deployment: Deployment): Promise<Dip> {
  const { parseDipFile, readDipText, toDip } = await import('../../../dip/file/index.ts');
  return toDip(parseDipFile(readDipText(file), file), deployment);
}
