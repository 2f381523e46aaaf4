/** A decoder file as the registry identifies it. */
import { contentHash, type Database, type Diagnostic, parseDbc, semanticHash } from '../edge/dbc/index.ts';
import { compilePlan, moduleHash, type Plan } from '../edge/decode/index.ts';

export interface DecoderIdentity {
  /** SHA-256 as 64 lower-case hex digits: of the exact bytes, of their meaning, of the compiled scalar module. */
  contentHash: string;
  semanticHash: string;
  moduleHash: string;
  database: Database;
  diagnostics: Diagnostic[];
  plan: Plan;
}

export function identifyDecoder(bytes: Uint8Array): DecoderIdentity {
  const { database, diagnostics } = parseDbc(bytes);
  const plan = compilePlan(database);
  return {
    contentHash: contentHash(bytes),
    semanticHash: semanticHash(database),
    moduleHash: moduleHash(plan),
    database,
    diagnostics,
    plan,
  };
}
