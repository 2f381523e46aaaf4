/** How vehicle platforms are named: one name gives one key, wherever it is written. */
import type { Hex } from 'viem';
import { keccak256, stringToHex } from 'viem/utils';

/** The key of a platform: keccak-256 of its name, whose letters are composed as Unicode's NFC has them. */
export const platformKey = (name: string): Hex => keccak256(stringToHex(name.normalize('NFC')));
