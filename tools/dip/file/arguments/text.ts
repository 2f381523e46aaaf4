/** Texts and bytes. */
import type { Hex } from 'viem';
import { platformKey } from '../../../registry/platform-key.ts';
import { type Kind, Refusal, shown, textOf } from './kind.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufffd-\uffff]|\p{Surrogate}/u;

/** Letters nobody sees, and those that turn the direction of writing: with them a text can show what it is not. */
const hidden =
  /[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]|[\u{e0000}-\u{e0fff}]/u;

/** Latin letters in one word with Greek or Cyrillic ones: most of these have a Latin twin. */
const mixedScripts =
  /[\p{Script=Latin}][\p{Script=Cyrillic}\p{Script=Greek}]|[\p{Script=Cyrillic}\p{Script=Greek}][\p{Script=Latin}]/u;

const codePoint = (text: string) => `U+${text.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

/** The first character that no text of a DIP may have, as `U+0007`. Tabs and line ends are allowed. */
export function findControl(text: string): { at: number; name: string } | undefined {
  const match = control.exec(text);
  return match ? { at: match.index, name: codePoint(match[0]) } : undefined;
}

/** What in a text could make readers see something else than what is written. */
export function findLookAlike(text: string): { at: number; problem: string } | undefined {
  const found = hidden.exec(text);
  if (found)
    return {
      at: found.index,
      problem: `an invisible character (${codePoint(found[0])}), which can make a text look like another`,
    };
  const mixed = mixedScripts.exec(text);
  if (!mixed) return undefined;
  return {
    at: mixed.index,
    problem: `letters of two scripts in one word (${shown(mixed[0])}), which can make a name look like another`,
  };
}

/** Prose of one line. */
export function line(lengthMax = 500): Kind<string> {
  return {
    form: 'text',
    read(written, scope) {
      const text = textOf(written, 'a text');
      if (/[\r\n]/.test(text)) throw new Refusal('expected a text of one line');
      if (text.length > lengthMax)
        throw new Refusal(`${text.length} characters are too long, expected at most ${lengthMax}`);
      const refused = findControl(text);
      if (refused) throw new Refusal(`the text holds the control character ${refused.name}`);
      const alike = findLookAlike(text);
      if (alike) scope.warn(alike.problem);
      return text;
    },
  };
}

/** 32 bytes. */
export const hash: Kind<Hex> = {
  form: '`0x` and 64 hex digits',
  read(written) {
    const text = textOf(written, 'a hash: 0x and 64 hex digits');
    if (!/^0x[0-9a-f]{64}$/i.test(text)) {
      throw new Refusal(
        `expected a hash: 0x and 64 hex digits, found ${shown(text)}, which has ${text.length} characters`,
      );
    }
    return text.toLowerCase() as Hex;
  },
};

/** A hash, or `none` for 32 zero bytes. */
export const hashOrNone: Kind<Hex> = {
  form: `${hash.form}, or \`none\``,
  read: (written, scope) => (written === 'none' ? `0x${'0'.repeat(64)}` : hash.read(written, scope)),
};

/** A vehicle platform: its key, or its name, whose keccak-256 the key is. */
export const platform: Kind<Hex> = {
  form: 'a name, or `0x` and 64 hex digits',
  read(written, scope) {
    const text = textOf(written, 'a platform');
    if (text.startsWith('0x')) return hash.read(text, scope);
    return platformKey(line(100).read(text, scope));
  },
};

/** Any bytes, at least so many. */
export function bytes(sizeMin = 0, sizeMax = 12_288): Kind<Hex> {
  return {
    form: '`0x` and hex digits',
    read(written) {
      const text = textOf(written, 'bytes: 0x and hex digits');
      if (!/^0x([0-9a-f]{2})*$/i.test(text))
        throw new Refusal(`expected bytes: 0x and pairs of hex digits, found ${shown(text)}`);
      const size = text.length / 2 - 1;
      if (size < sizeMin || size > sizeMax) throw new Refusal(`${size} bytes, expected from ${sizeMin} to ${sizeMax}`);
      return text.toLowerCase() as Hex;
    },
  };
}
