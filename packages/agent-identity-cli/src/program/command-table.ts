import type { CommandEntry } from './command-entry.js';

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
  {
    name: 'curl',
    summary: 'send a signed request',
    load: async (context) => (await import('../curl/curl-command.js')).createCurlCommand(context),
  },
  {
    name: 'run',
    summary: 'run a command whose requests are signed, without its getting the key',
    load: async (context) => (await import('../run/run-command.js')).createRunCommand(context),
  },
  {
    name: 'status',
    summary: 'show which identity is in force, and why',
    load: async (context) => (await import('../status/status-command.js')).createStatusCommand(context),
  },
  {
    name: 'doctor',
    summary: 'try everything that a run needs, and say how to mend what fails',
    load: async (context) => (await import('../doctor/doctor-command.js')).createDoctorCommand(context),
  },
  {
    name: 'login',
    summary: 'write an agent identity to auth.json',
    load: async (context) => (await import('../login/login-command.js')).createLoginCommand(context),
  },
  {
    name: 'logout',
    summary: 'delete the agent identity in auth.json',
    load: async (context) => (await import('../login/logout-command.js')).createLogoutCommand(context),
  },
  {
    name: 'enroll',
    summary: 'register a new agent with a token',
    load: async (context) => (await import('../enroll/enroll-command.js')).createEnrollCommand(context),
  },
  {
    name: 'child',
    summary: 'register a sub-agent of an identity, and write its record',
    load: async (context) => (await import('../child/child-command.js')).createChildCommand(context),
  },
  {
    name: 'change-key',
    summary: 'change the key of an identity in a record',
    load: async (context) =>
      (await import('../change-key/change-key-command.js')).createChangeKeyCommand(context),
  },
  {
    name: 'opt-in',
    summary: 'give a ChatGPT login an agent identity',
    load: async (context) => (await import('../opt-in/opt-in-command.js')).createOptInCommand(context),
  },
  {
    name: 'import',
    summary: 'find the agent identities in a file, and say what they are',
    load: async (context) => (await import('../transfer/import-command.js')).createImportCommand(context),
  },
  {
    name: 'export',
    summary: 'write the identity of the login to a file, in the form that is needed',
    load: async (context) => (await import('../transfer/export-command.js')).createExportCommand(context),
  },
  {
    name: 'completions',
    summary: 'print completions for bash, zsh or fish',
    load: async (context) =>
      (await import('../completions/completions-command.js')).createCompletionsCommand(context, commandTable),
  },
];
