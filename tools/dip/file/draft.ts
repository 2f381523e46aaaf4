/** The text that a new DIP begins with, and what of it nobody has written yet. */
import { sections } from './dip-file.ts';

export type Section = (typeof sections)[number];

/** What each section is for. It stands there until somebody writes the section. */
const guidance: Record<Section, string> = {
  Abstract: 'In two sentences: what this DIP does, and for whom.',
  Motivation: 'What is wrong today, what it costs to leave it so, and why this is the way to mend it.',
  Specification: 'Each action with its amounts and dates, and why these and no others.',
  Implementation: 'Who does what after the vote, until when, and how anyone can see that it was done.',
  Copyright: 'This text is given to the public: CC0-1.0.',
};

/** The body of a new DIP: the sections that are given, and for the others what they are for. */
export function draftBody(written: Partial<Record<Section, string>> = {}): string {
  return sections.map((section) => `## ${section}\n\n${written[section]?.trim() || guidance[section]}`).join('\n\n');
}

/** Sections of a body in which only the guidance stands. */
export function unwrittenSections(body: string): Section[] {
  return sections.filter(
    (section) => section !== 'Copyright' && body.includes(`## ${section}\n\n${guidance[section]}`),
  );
}
