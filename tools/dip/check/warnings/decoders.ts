/** Decoders that a DIP would list. */
import { type Address, type Hex, zeroHash } from 'viem';
import { loadArtifact } from '../../../deploy/index.ts';
import { utc } from '../../format.ts';
import type { Warning, WarningFacts } from './warning.ts';

/** Whether it is listed already, and whether its author's consent would still hold. */
export async function decoderFaults({ clients, deployment, timetable, calls }: WarningFacts): Promise<Warning[]> {
  const read = <T>(functionName: string, args: readonly unknown[]): Promise<T> =>
    clients.publicClient.readContract({
      address: deployment.addresses.DecoderRegistry,
      abi: loadArtifact('DecoderRegistry').abi,
      functionName,
      args,
    }) as Promise<T>;
  const warnings = await Promise.all(
    calls.map(async ({ contract, name, args }, call): Promise<Warning[]> => {
      if (contract !== 'DecoderRegistry' || name !== 'list') return [];
      const { contentHash, author } = args.decoder as { contentHash: Hex; author: Address };
      const { nonce, deadline } = args.consent as { nonce: bigint; deadline: bigint };
      const [{ status, semanticHash }, current] = await Promise.all([
        read<{ status: number; semanticHash: Hex }>('decoderOf', [contentHash]),
        read<bigint>('nonceOf', [author]),
      ]);
      const found: Warning[] = [];
      if (status !== 0 || semanticHash !== zeroHash) {
        found.push({ code: 'already-listed', call, text: `the decoder ${contentHash} was listed already` });
      }
      if (deadline < timetable.executeFrom) {
        found.push({
          code: 'consent',
          call,
          text: `the author's consent ends ${utc(Number(deadline))}, before the DIP could execute, ${utc(timetable.executeFrom)}`,
        });
      } else if (deadline < timetable.executeFrom + 14 * 86_400) {
        found.push({
          code: 'consent',
          call,
          text: `the author's consent ends ${utc(Number(deadline))}, within 14 days of the earliest execution`,
        });
      }
      if (nonce !== current) {
        found.push({
          code: 'consent',
          call,
          text: `the author's consent has the nonce ${nonce}, and ${author} is at ${current}`,
        });
      }
      return found;
    }),
  );
  return warnings.flat();
}
