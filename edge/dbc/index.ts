export { type DiagnosticCode, diagnosticTable } from './diagnostics.ts';
export { contentHash, semanticBytes, semanticHash } from './hash.ts';
export { limits } from './limits.ts';
export type {
  AttributeDefinition,
  AttributeTarget,
  AttributeValue,
  ByteOrder,
  Database,
  Diagnostic,
  EnvironmentVariable,
  Message,
  MultiplexedBy,
  Node,
  RelationAttribute,
  SelectorRange,
  Severity,
  Signal,
  SignalGroup,
  SignalType,
  SourceComment,
  UnknownSection,
  ValueLabel,
  ValueType,
} from './model.ts';
export { type ParseResult, parseDbc } from './parse.ts';
export { emptyDatabase } from './reader.ts';
export type { Encoding } from './source.ts';
export { writeDbc } from './write.ts';
