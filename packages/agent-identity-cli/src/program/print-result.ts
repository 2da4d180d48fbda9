import type { Command } from 'commander';
import type { CommandIo } from './command-io.js';

/** A result in both of its forms. */
export interface CommandResult {
  /** For programs: `--json` prints it. Members are in snake_case. */
  readonly json: object;
  /** For people: lines without the last line end. */
  readonly text: string;
}

/** Prints a result to standard output: as text, or as one JSON document with `--json`. */
export function printResult(io: CommandIo, command: Command, { json, text }: CommandResult): Promise<void> {
  const output = command.opts()['json'] === true ? JSON.stringify(json, null, 2) : text;
  return io.write(`${output}\n`);
}
