import type { Command } from 'commander';
import type { CommandIo } from './command-io.js';

/** A command. Its modules are loaded only when it runs, so that the program starts fast. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: (context: CommandIo) => Promise<Command>;
}
