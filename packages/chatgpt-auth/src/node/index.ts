export type { FileAuthStoreOptions } from './auth-file/file-auth-store.js';
export { fileAuthStore } from './auth-file/file-auth-store.js';
export type { CodexConfig, CredentialsStore, ReadCodexConfigOptions } from './codex-config.js';
export { readCodexConfig } from './codex-config.js';
export type { FileEffects, FileSystem } from './file-effects.js';
export { authStoreFor, autoAuthStore } from './keyring/auto-auth-store.js';
export type { KeyringAuthStoreOptions, KeyringEffects } from './keyring/keyring-auth-store.js';
export { keyringAuthStore } from './keyring/keyring-auth-store.js';
export type { KeyringEntry, OpenKeyringEntry } from './keyring/keyring-entry.js';
export type { Flock } from './locks/flock.js';
export type {
  CodexLogin,
  CodexRuntimeAgentInstances,
  CodexSettings,
  OpenCodexLoginEffects,
  OpenCodexLoginOptions,
} from './open-codex-login.js';
export { openCodexLogin } from './open-codex-login.js';
export type { ReadOrCreateInstallationIdOptions } from './runtime-agent-instances/read-or-create-installation-id.js';
export { readOrCreateInstallationId } from './runtime-agent-instances/read-or-create-installation-id.js';
export type { ReadRuntimeAgentInstancesOptions } from './runtime-agent-instances/read-runtime-agent-instances.js';
export { readRuntimeAgentInstances } from './runtime-agent-instances/read-runtime-agent-instances.js';
