/** The DIP file: Markdown with front matter that names each action and gives its arguments with their units. */
export { actionTopics, actionTypes, exampleAction, findActionType } from './action-types.ts';
export { bookNames } from './arguments/index.ts';
export { type DipFile, type NamedAction, type Problem, sections } from './dip-file.ts';
export { draftBody, type Section } from './draft.ts';
export { chainText, fileOfChainText, formatActions, formatDipFile } from './format.ts';
export { tryArgument } from './nowhere.ts';
export { parseDipFile, type ReadDip, readDipFile } from './read.ts';
export { readDipText } from './read-text.ts';
export { readSetting, readSettings } from './settings.ts';
export { type FileDip, toDip } from './to-dip.ts';
export type { ActionType } from './types/action-type.ts';
