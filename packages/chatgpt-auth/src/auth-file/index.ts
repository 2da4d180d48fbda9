export type { CodexConfig, CredentialsStore } from './codex-config.js';
export { readCodexConfig } from './codex-config.js';
export type { Environment } from './codex-home.js';
export type { CodexEnvironment } from './environment.js';
export { readCodexEnvironment } from './environment.js';
export type { FileAuthStoreOptions } from './file-auth-store.js';
export { fileAuthStore } from './file-auth-store.js';
export type { FileEffects, FileSystem } from './file-effects.js';
export type { Flock } from './locks/flock.js';
