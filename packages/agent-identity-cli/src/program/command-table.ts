import type { Command } from 'commander';
import type { CommandIo } from './command-io.js';

/** A command. Its modules are loaded only when it runs, so that the program starts fast. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: (context: CommandIo) => Promise<Command>;
}

/** All commands, in the order of the help. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'keygen',
    summary: 'create an agent key, or show the public key of one',
    load: async (context) => (await import('../keygen/keygen-command.js')).createKeygenCommand(context),
  },
  {
    name: 'inspect',
    summary: 'explain a header, JWT, key, record or auth.json',
    load: async (context) => (await import('../inspect/inspect-command.js')).createInspectCommand(context),
  },
  {
    name: 'sign',
    summary: 'sign an assertion or a task registration with a key',
    load: async (context) => (await import('../sign/sign-command.js')).createSignCommand(context),
  },
  {
    name: 'verify',
    summary: 'verify an assertion or a JWT',
    load: async (context) => (await import('../verify/verify-command.js')).createVerifyCommand(context),
  },
  {
    name: 'header',
    summary: 'print the headers of a signed request',
    load: async (context) => (await import('../header/header-command.js')).createHeaderCommand(context),
  },
];
