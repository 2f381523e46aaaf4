/** A DBC file, by the same code that Miners and the command line use. */
import { contentHash, type Database, parseDbc, semanticHash } from '../../../../edge/dbc/index.ts';
import {
  compilePlan,
  createFrameDecoder,
  createWasmDecoder,
  type FrameDecoder,
  moduleHash,
  type Plan,
} from '../../../../edge/decode/index.ts';
import { failureOf } from './failure.ts';
import type { DecoderView, Failure } from './protocol.ts';

export interface DeskDecoder {
  view: DecoderView;
  plan: Plan;
  decoder: FrameDecoder;
}

/** Never fails: what a file does to the language is in `view.diagnostics`. */
export function readDecoder(fileName: string, bytes: Uint8Array): DeskDecoder {
  const { database, diagnostics, encoding } = parseDbc(bytes);
  const plan = compilePlan(database);
  const hashes = {
    contentHash: contentHash(bytes),
    semanticHash: semanticHash(database),
    moduleHash: tryModuleHash(plan),
  };
  const view = { fileName, encoding, hashes, diagnostics, messages: plan.messages, comments: commentsOf(database) };
  return { view, plan, decoder: createDecoder(plan, typeof hashes.moduleHash === 'string') };
}

function tryModuleHash(plan: Plan): string | Failure {
  try {
    return moduleHash(plan);
  } catch (problem) {
    return failureOf(problem);
  }
}

/** The module whose hash the page shows decodes the log; a plan too large for one goes to the interpreter. */
function createDecoder(plan: Plan, isCompilable: boolean): FrameDecoder {
  return isCompilable ? createWasmDecoder(plan) : createFrameDecoder(plan);
}

function commentsOf(database: Database): Map<string, string> {
  const comments = new Map<string, string>();
  for (const message of database.messages) {
    if (message.comment) comments.set(message.name, message.comment);
    for (const signal of message.signals) {
      if (signal.comment) comments.set(`${message.name}.${signal.name}`, signal.comment);
    }
  }
  return comments;
}
