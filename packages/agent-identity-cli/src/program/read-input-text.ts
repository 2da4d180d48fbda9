import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { showFileName, systemErrorCode } from 'agent-identity-core/http';
import { commandLineError } from '../errors.js';
import type { CommandIo } from './command-io.js';

/** Larger than any real input. */
const maxBytes = 1024 * 1024;

/** The text of an input, and where it came from. The text may be a secret. */
export interface InputText {
  readonly text: string;
  readonly source: 'argument' | 'file' | 'standard_input';
}

/**
 * Reads the input of a command: standard input for `-` or no argument, the file if one has the name of the argument, else the
 * argument itself.
 *
 * @throws AgentIdentityError `invalid_argument` if it would wait for a person at a terminal; `unreadable_file`
 */
export async function readInputText(argument: string | undefined, io: CommandIo): Promise<InputText> {
  if (argument === undefined && io.isInputTerminal) {
    throw commandLineError('invalid_argument', 'expected an input: an argument, a file or standard input');
  }
  if (argument === undefined || argument === '-') {
    return { text: await readStandardInput(io), source: 'standard_input' };
  }
  if (await exists(argument)) return { text: await readTextFile(argument, io), source: 'file' };
  return { text: argument.trim(), source: 'argument' };
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Reads a text file without the white space around the text; `-` is standard input.
 *
 * @throws AgentIdentityError `unreadable_file`
 */
export async function readTextFile(path: string, io: CommandIo): Promise<string> {
  if (path === '-') return readStandardInput(io);
  try {
    // Of a pipe or a device, the size is not known before.
    const chunks = await createReadStream(path, { end: maxBytes }).toArray();
    const bytes = Buffer.concat(chunks);
    if (bytes.length > maxBytes) throw unreadable(path, `expected a file of at most ${maxBytes} bytes`);
    return bytes.toString().trim();
  } catch (error) {
    const code = systemErrorCode(error);
    throw code === undefined ? error : unreadable(path, `it cannot be read (${code})`);
  }
}

async function readStandardInput(io: CommandIo): Promise<string> {
  const text = await io.readInput(maxBytes + 1);
  if (Buffer.byteLength(text) > maxBytes) {
    throw unreadable('standard input', `expected at most ${maxBytes} bytes`);
  }
  return text.trim();
}

function unreadable(path: string, reason: string): Error {
  return commandLineError('unreadable_file', `${showFileName(path)}: ${reason}`);
}
