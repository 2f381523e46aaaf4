/**
 * How much of one file is read. Every bound lies far above any real database (the biggest known has some
 * 10,000 signals) and keeps a hostile 10 MB file under half a gigabyte; what lies beyond is dropped and reported.
 */
export const limits = {
  /** Bytes of one file. */
  fileBytes: 256 * 1024 * 1024,
  diagnostics: 10_000,
  nodes: 16_384,
  messages: 65_536,
  signals: 131_072,
  /** Value labels, of all signals and tables together. */
  labels: 1_048_576,
  /** Ranges of SG_MUL_VAL_, of all signals together. */
  selectorRanges: 524_288,
  /** Attribute definitions and their enum values. */
  definitions: 65_536,
  environmentVariables: 16_384,
  /** Sections kept verbatim. */
  verbatimSections: 65_536,
  /** Comments, attribute values, groups and the like: whatever points at something else. */
  references: 262_144,
  /** `//` and block comments. */
  sourceComments: 65_536,
  /** Names in lists: receivers, transmitters, group members. */
  listedNames: 1_048_576,
  /** Multiplexer branches of one message that are searched for overlaps. */
  overlapBranches: 4_096,
  /** Comparisons of branches and their ranges in that search, in the whole file. */
  overlapComparisons: 200_000,
} as const;

export type LimitName = keyof typeof limits;
