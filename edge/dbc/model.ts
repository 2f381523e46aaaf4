/** What a DBC file says, after parsing: the input of the decode plan, the writer, diff and hash. */

export type ByteOrder = 'intel' | 'motorola';
/** SIG_VALTYPE_: how the raw bits are read. */
export type ValueType = 'integer' | 'float32' | 'float64';

/** An inclusive range of raw selector values, as SG_MUL_VAL_ gives them. Ranges stay ranges. */
export interface SelectorRange {
  from: bigint;
  to: bigint;
}

/** Where a multiplexed signal hangs: the signal that selects it, and the raw values that do. */
export interface MultiplexedBy {
  /** Name of the selector signal in the same message. */
  selector: string;
  ranges: SelectorRange[];
}

/** VAL_ and VAL_TABLE_: a text for a raw value, in file order; a raw value may occur twice. */
export interface ValueLabel {
  raw: bigint;
  text: string;
}

export interface Signal {
  name: string;
  /** SystemSignalLongSymbol where the file has one. */
  longName?: string;
  /** As DBC writes it: for Intel the bit index of the least, for Motorola of the most significant bit. */
  startBit: number;
  /** Bits, 1..64. */
  length: number;
  byteOrder: ByteOrder;
  signed: boolean;
  valueType: ValueType;
  scale: number;
  offset: number;
  /** The numbers as the file wrote them, for the lossless writer and for exact integers past 2^53. */
  scaleText: string;
  offsetText: string;
  minText: string;
  maxText: string;
  /** Physical limits; both 0 means that the file gives no range. */
  minimum: number;
  maximum: number;
  unit: string;
  receivers: string[];
  /** True for `M` and `mNM`: its raw value selects other signals. */
  isSelector: boolean;
  multiplexedBy?: MultiplexedBy;
  labels: ValueLabel[];
  comment?: string;
  /** SPN attribute (SAE J1939). */
  spn?: number;
  /** GenSigStartValue, raw. */
  startValue?: number;
  attributes: Map<string, AttributeValue>;
}

export interface Message {
  name: string;
  longName?: string;
  /** Arbitration id without the extended flag. */
  id: number;
  extended: boolean;
  /** Bytes, as BO_ says; 0 is legal. */
  length: number;
  sender: string;
  /** BO_TX_BU_. */
  transmitters: string[];
  signals: Signal[];
  signalGroups: SignalGroup[];
  comment?: string;
  /** GenMsgCycleTime, when given and not 0. */
  cycleTimeMs?: number;
  fd: boolean;
  j1939: boolean;
  attributes: Map<string, AttributeValue>;
}

export interface SignalGroup {
  name: string;
  repetitions: number;
  signals: string[];
}

export interface Node {
  name: string;
  longName?: string;
  comment?: string;
  attributes: Map<string, AttributeValue>;
}

export interface EnvironmentVariable {
  name: string;
  /** 0 integer, 1 float, 2 string; the data type and access type stay as the file wrote them. */
  type: number;
  minText: string;
  maxText: string;
  unit: string;
  initialText: string;
  id: number;
  accessType: string;
  nodes: string[];
  /** ENVVAR_DATA_: bytes. */
  dataLength?: number;
  labels: ValueLabel[];
  comment?: string;
  attributes: Map<string, AttributeValue>;
}

/** Attribute values keep the kind their definition gives them; an ENUM is its index and its text. */
export type AttributeValue =
  | { kind: 'int' | 'hex' | 'float'; value: number; text: string }
  | { kind: 'string'; value: string }
  | { kind: 'enum'; value: number; text: string };

export type AttributeTarget =
  | 'network'
  | 'node'
  | 'message'
  | 'signal'
  | 'environment'
  | 'node-message'
  | 'node-signal'
  | 'node-environment';

export interface AttributeDefinition {
  name: string;
  target: AttributeTarget;
  kind: 'int' | 'hex' | 'float' | 'string' | 'enum';
  minText?: string;
  maxText?: string;
  /** For an enum: its values, by index. */
  values?: string[];
  default?: AttributeValue;
}

/** BA_REL_: an attribute of a relation, kept with the names it relates. */
export interface RelationAttribute {
  name: string;
  target: 'node-message' | 'node-signal' | 'node-environment';
  node: string;
  message?: { id: number; extended: boolean };
  signal?: string;
  environmentVariable?: string;
  value: AttributeValue;
}

export interface SignalType {
  name: string;
  /** Everything after the colon, verbatim. */
  definition: string;
}

/** A section that the language list does not know: kept verbatim, and reported. */
export interface UnknownSection {
  keyword: string;
  text: string;
  line: number;
}

/** A `//` or block comment of the file: no part of the database, but kept for whoever writes it again. */
export interface SourceComment {
  /** With its slashes and asterisks. */
  text: string;
  /** On lines of its own before its statement, or at the end of the statement's line. */
  place: 'before' | 'after';
  /** How its statement begins, `SG_ 291 Speed` of a signal; empty for the end of the file. */
  statement: string;
}

export interface Database {
  version: string;
  /** NS_ symbols in file order. */
  newSymbols: string[];
  /** BS_: the text after the colon, usually empty. */
  bitTiming: string;
  nodes: Node[];
  valueTables: Map<string, ValueLabel[]>;
  /** In file order; ids are unique (of duplicates the last is kept, and reported). */
  messages: Message[];
  environmentVariables: EnvironmentVariable[];
  attributeDefinitions: AttributeDefinition[];
  /** Attributes of the network itself. */
  attributes: Map<string, AttributeValue>;
  relationAttributes: RelationAttribute[];
  signalTypes: SignalType[];
  comment?: string;
  unknownSections: UnknownSection[];
  /** In file order; without those inside `unknownSections`. */
  sourceComments?: SourceComment[];
}

export type Severity = 'error' | 'warning' | 'info';

/** One deviation found while reading, and what was assumed. Only an error dropped something. */
export interface Diagnostic {
  code: string;
  severity: Severity;
  /** From 1. */
  line: number;
  /** From 1, in characters. */
  column: number;
  message: string;
  excerpt: string;
}
