/** What a DIP file holds. See docs/dip.md. */

/** One action by name, with its arguments as they are written: texts, and lists and maps of texts. */
export interface NamedAction {
  action: string;
  [argument: string]: unknown;
}

export interface DipFile {
  /** One line. */
  title: string;
  authors: string[];
  /** Where it is talked about. */
  discussion?: string;
  /** `2026-03-01` */
  created: string;
  /** SPDX expression of the text's licence; `licence` in the file. */
  copyright: string;
  actions: NamedAction[];
  /** The Markdown after the front matter, its lines ended by \n, without blank lines around it. */
  body: string;
}

/** Where in a DIP file something stands: keys and indexes from the top of the front matter. */
export type Path = readonly (string | number)[];

/** Something wrong with a DIP file, or worth a second look. */
export interface Problem {
  severity: 'error' | 'warning';
  /** Counted from 1. */
  line: number;
  column: number;
  /** What stands there and what was expected. */
  text: string;
}

/** The sections that a body has, in this order. */
export const sections = ['Abstract', 'Motivation', 'Specification', 'Implementation', 'Copyright'] as const;
