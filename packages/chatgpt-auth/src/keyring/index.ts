export { authStoreFor, autoAuthStore } from './auto-auth-store.js';
export type { KeyringAuthStoreOptions, KeyringEffects } from './keyring-auth-store.js';
export { keyringAuthStore } from './keyring-auth-store.js';
export type { KeyringEntry, OpenKeyringEntry } from './keyring-entry.js';
