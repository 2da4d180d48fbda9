export { isAgentIdentityError } from 'agent-identity-core';
export type { CopyStoreOptions } from './copy/copy-store.js';
export { copyStore } from './copy/copy-store.js';
export type { AuthoritySqlErrorCode } from './errors.js';
export { openStore } from './open-store.js';
export type { OpenStoreEffects, OpenStoreOptions } from './open-store-options.js';
