/** Sections that the parser reads into the model. */
const readKeywords = [
  'VERSION',
  'NS_',
  'BS_',
  'BU_',
  'VAL_TABLE_',
  'BO_',
  'SG_',
  'BO_TX_BU_',
  'EV_',
  'ENVVAR_DATA_',
  'SGTYPE_',
  'CM_',
  'BA_DEF_',
  'BA_DEF_REL_',
  'BA_DEF_DEF_',
  'BA_DEF_DEF_REL_',
  'BA_',
  'BA_REL_',
  'VAL_',
  'SIG_GROUP_',
  'SIG_VALTYPE_',
  'SG_MUL_VAL_',
] as const;

/** Sections of the language that say nothing about decoding: kept verbatim. */
const keptKeywords = [
  'NS_DESC_',
  'EV_DATA_',
  'SGTYPE_VAL_',
  'SIG_TYPE_REF_',
  'SIGTYPE_VALTYPE_',
  'BA_DEF_SGTYPE_',
  'BA_SGTYPE_',
  'CAT_DEF_',
  'CAT_',
  'FILTER',
] as const;

export type SectionKeyword = (typeof readKeywords)[number];

export const keptSections: ReadonlySet<string> = new Set(keptKeywords);

/** Words that begin a statement. BU_SG_REL_ and its kin stand inside statements, and are not among them. */
export const keywords: ReadonlySet<string> = new Set([...readKeywords, ...keptKeywords]);
