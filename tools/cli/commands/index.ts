import type { Command } from 'commander';
import { registerDbc } from './dbc.ts';
import { registerDemo } from './demo.ts';

/** In the order of the help: the main job first. */
export const commands: ((program: Command) => void)[] = [registerDemo, registerDbc];
