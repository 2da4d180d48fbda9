export { isAgentIdentityError } from 'agent-identity-core';
export type { CommandLineErrorCode } from './errors.js';
export type { CommandIo } from './program/command-io.js';
export { exitCodes } from './program/exit-codes.js';
export { runCommandLine } from './program/run-command-line.js';
