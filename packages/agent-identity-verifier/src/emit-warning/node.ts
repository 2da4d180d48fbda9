import process from 'node:process';

/** Emits a process warning. By default the process prints it to stderr; `process.on('warning')` receives it. */
export function emitWarning(message: string): void {
  process.emitWarning(message, 'AgentIdentityWarning');
}
